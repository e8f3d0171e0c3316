package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one fault of a manifest.
type Error struct {
	// File is the name given to Load.
	File string
	// Line and Column are where the fault stands, counted from 1; 0 is not
	// known. A missing field is reported where its parent stands.
	Line, Column int
	// Field is the path of the field at fault, such as
	// "spec.trafficSplit[0].weight"; empty is the document.
	Field string
	// Class sorts the fault; empty is one of the rules of its kind.
	Class Class
	// Problem is what is wrong.
	Problem string
	// Remedy is what to do; empty is obvious or not known.
	Remedy string
}

// Class is a sort of fault, for programs that treat some differently.
type Class string

// The sorts of faults that are told apart.
const (
	Syntax       Class = "syntax"        // no YAML
	AmbiguousKey Class = "ambiguous-key" // given twice in a map, or read as true or false
	UnknownField Class = "unknown-field" // a field that its kind does not have
	UnknownKind  Class = "unknown-kind"  // a kind that no definition declares, or that Kubernetes no longer serves
	GivenTwice   Class = "given-twice"   // an object that the manifest has already
	Refused      Class = "refused"       // what an API server stores and the operator refuses
	NoObject     Class = "no-object"     // a document that is a list or a scalar
	Limit        Class = "limit"         // more than is looked at
)

// Error prints "file:line: field: problem (remedy)" without the parts that are
// empty.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	if e.Remedy != "" {
		b.WriteString(" (" + e.Remedy + ")")
	}
	return b.String()
}

// Errors are the faults of a manifest, sorted by position. It is never empty.
type Errors []*Error

// Error prints one fault a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults, for errors.As.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, err := range e {
		list[i] = err
	}
	return list
}

// faults collects errors of one file up to a limit.
type faults struct {
	file string
	max  int
	list Errors
	// more is whether there were more than max.
	more bool
}

func (f *faults) add(class Class, line, column int, field, problem, remedy string) {
	if len(f.list) >= f.max {
		f.more = true
		return
	}
	f.list = append(f.list, &Error{File: f.file, Line: line, Column: column, Field: field, Class: class, Problem: problem, Remedy: remedy})
}

// err is the collected errors, sorted, or nil.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Problem, b.Problem))
	})
	if f.more {
		f.list = append(f.list, &Error{File: f.file, Class: Limit, Problem: fmt.Sprintf("has more than %d problems", f.max), Remedy: "correct these first"})
	}
	return f.list
}
