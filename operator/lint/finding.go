package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding means for a pipeline.
type Severity string

// The severities.
const (
	// Error is a mistake: something is refused, or does not do what is written.
	Error Severity = "error"
	// Warning is what works, and hardly as it was meant.
	Warning Severity = "warning"
)

// Finding is a mistake at a place.
type Finding struct {
	// File is the name of the source.
	File string `json:"file"`
	// Line and Column are counted from 1; 0 is not known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Field is the path of the field, such as "spec.trafficSplit[0].weight"; empty is the document.
	Field string `json:"field,omitempty"`
	// Rule is the identifier of the rule.
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Problem is what is wrong, Remedy what to do. Both are one line.
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

// String is the finding in two lines: where and what, and what to do.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	fmt.Fprintf(&b, ": %s: ", f.Severity)
	if f.Field != "" {
		b.WriteString(f.Field + ": ")
	}
	fmt.Fprintf(&b, "%s [%s]", f.Problem, f.Rule)
	if f.Remedy != "" {
		b.WriteString("\n    " + f.Remedy)
	}
	return b.String()
}

// sortFindings orders findings by place.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Problem, b.Problem))
	})
}
