// Package strict reads YAML files into Go structs and refuses what it does not understand, saying in which file, at
// which line and in which field.
//
// Struct fields are matched by their yaml tag. Understood are strings, booleans, integers, floats, time.Duration ("90s"),
// netip.Addr, netip.Prefix, pointers, slices, maps with string keys, structs (also embedded ones tagged ",inline"), and
// types with a DecodeYAML method.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// MaxErrors bounds the errors that one file reports.
const MaxErrors = 20

// Error is one mistake in a file.
type Error struct {
	File    string
	Line    int    // from 1; 0 if the mistake belongs to the file as a whole
	Field   string // "timeline[0].until"; empty for the whole document
	Problem string // what is wrong and, where that is not plain, what to do
}

// Error implements error: "file:line: field: problem".
func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where += ":" + strconv.Itoa(e.Line)
	}
	if e.Field != "" {
		where += ": " + e.Field
	}
	return where + ": " + e.Problem
}

// Decoder is implemented by types that read themselves. The returned errors are reported at n; an *Error is reported as
// it is.
type Decoder interface {
	DecodeYAML(f *File, field string, n *yaml.Node)
}

// File is a YAML document that remembers where its fields stand, and collects mistakes.
type File struct {
	Name string
	root *yaml.Node
	errs []error
	// given are the nodes that Value was called with, by field. All others are found from these.
	given map[string]*yaml.Node
	// long is the list that is not part of root; nil if all is.
	long *longList
}

// Decode reads the one document of src into the struct that into points to. The File is returned in any case; its Err
// tells whether all was understood.
//
// Of a file of more than a megabyte only a part is held as a tree at a time, if its longest list stands in the outermost
// mapping in block style.
func Decode(name string, src []byte, into any) *File {
	if len(src) >= longFile {
		if f := decodeInPieces(name, src, into, pieceSize); f != nil {
			return f
		}
	}
	return decodeWhole(name, src, into)
}

func decodeWhole(name string, src []byte, into any) *File {
	f := &File{Name: name, given: map[string]*yaml.Node{}}
	var doc yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(src))
	err := documents.Decode(&doc)
	if errors.Is(err, io.EOF) {
		f.errs = append(f.errs, &Error{File: name, Problem: "the file is empty"})
		return f
	}
	if err != nil {
		f.errs = append(f.errs, syntaxError(name, err))
		return f
	}
	f.root = doc.Content[0]
	f.Value("", f.root, into)
	f.alone(documents)
	return f
}

// alone reports what follows the first document, unless it is empty.
func (f *File) alone(documents *yaml.Decoder) {
	for {
		var more yaml.Node
		switch err := documents.Decode(&more); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			f.errs = append(f.errs, syntaxError(f.Name, err))
			return
		case more.Content[0].Tag != "!!null":
			f.errs = append(f.errs, &Error{f.Name, more.Content[0].Line, "", "a second document begins here; a file holds one: put it into a file of its own"})
			return
		}
	}
}

// syntaxError turns yaml's "yaml: line 3: ..." into an Error.
func syntaxError(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, problem, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, problem
			}
		}
	}
	return &Error{File: name, Line: line, Problem: "not YAML: " + text}
}

// Err returns all mistakes in the order of their lines, joined, or nil.
func (f *File) Err() error {
	slices.SortStableFunc(f.errs, func(a, b error) int { return lineOf(a) - lineOf(b) })
	if len(f.errs) > MaxErrors {
		f.errs = append(f.errs[:MaxErrors], &Error{File: f.Name, Problem: "too many mistakes, the rest is not shown"})
	}
	return errors.Join(f.errs...)
}

func lineOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Line
	}
	return 0
}

// Fail records a mistake at a field, or at the nearest enclosing field that stands in the file.
func (f *File) Fail(field, format string, args ...any) {
	f.errs = append(f.errs, &Error{File: f.Name, Line: f.Line(field), Field: field, Problem: fmt.Sprintf(format, args...)})
}

// Line returns the line at which a field stands, or the nearest enclosing one that is in the file.
func (f *File) Line(field string) int {
	from := field
	for f.given[from] == nil {
		if from == "" {
			return 0
		}
		from = parent(from)
	}
	if f.long != nil && from == "" {
		if line, ok := f.long.line(field); ok {
			return line
		}
	}
	return enclosing(f.given[from], strings.TrimPrefix(field[len(from):], ".")).Line
}

// Value decodes one node into what into points to; field is its path, for messages.
func (f *File) Value(field string, n *yaml.Node, into any) {
	f.given[field] = n
	f.value(&place{key: field}, n, reflect.ValueOf(into).Elem())
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	addrType     = reflect.TypeFor[netip.Addr]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
)

func (f *File) value(at *place, n *yaml.Node, v reflect.Value) {
	written := n
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if d, ok := v.Addr().Interface().(Decoder); ok {
		field := at.String()
		f.given[field] = written
		d.DecodeYAML(f, field, n)
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		f.value(at, n, v.Elem())
		return
	}
	switch {
	case v.Type() == durationType, v.Type() == addrType, v.Type() == prefixType:
		f.text(at, n, v)
	case v.Kind() == reflect.Struct:
		f.structure(at, n, v)
	case v.Kind() == reflect.Slice:
		f.list(at, n, v)
	case v.Kind() == reflect.Map:
		f.mapping(at, n, v)
	default:
		f.scalar(at, n, v)
	}
}

func (f *File) structure(at *place, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		f.Fail(at.String(), "must be a mapping, not %s", describe(n))
		return
	}
	fields := fieldsOf(v.Type())
	first := firstKeys(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		inner := place{up: at, key: key.Value}
		if f.twice(&inner, n, i, first) {
			continue
		}
		if index, ok := fields[key.Value]; ok {
			f.value(&inner, val, v.FieldByIndex(index))
		} else {
			f.unknown(inner.String(), key.Value, val, slices.Sorted(maps.Keys(fields)))
		}
	}
}

func (f *File) unknown(path, key string, n *yaml.Node, known []string) {
	problem := "no such field"
	if near := Nearest(key, known); near != "" {
		problem += fmt.Sprintf(" (did you mean %q?)", near)
	} else {
		problem += "; known are " + strings.Join(known, ", ")
	}
	f.errs = append(f.errs, &Error{f.Name, n.Line, path, problem})
}

func (f *File) list(at *place, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		f.Fail(at.String(), "must be a list, not %s", describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		f.value(&place{up: at, index: i, listed: true}, item, v.Index(i))
	}
}

func (f *File) mapping(at *place, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		f.Fail(at.String(), "must be a mapping, not %s", describe(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	first := firstKeys(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		inner := place{up: at, key: key.Value}
		if f.twice(&inner, n, i, first) {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		f.value(&inner, val, item)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), item)
	}
}

// fewKeys is how many keys of a mapping are compared with each other one by one.
const fewKeys = 32

// firstKeys tells where each key of a mapping stands first; nil for few keys.
func firstKeys(n *yaml.Node) map[string]int {
	if len(n.Content) <= 2*fewKeys {
		return nil
	}
	first := make(map[string]int, len(n.Content)/2)
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		first[n.Content[i].Value] = i
	}
	return first
}

// twice refuses the i-th node of a mapping, a key, if the same key stands before it.
func (f *File) twice(at *place, n *yaml.Node, i int, first map[string]int) bool {
	key, earlier := n.Content[i], 0
	if first != nil {
		earlier = first[key.Value]
	} else {
		for n.Content[earlier].Value != key.Value {
			earlier += 2
		}
	}
	if earlier == i {
		return false
	}
	f.errs = append(f.errs, &Error{f.Name, key.Line, at.String(), fmt.Sprintf("stands twice, first in line %d", n.Content[earlier].Line)})
	return true
}

func (f *File) text(at *place, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		f.Fail(at.String(), "must be %s, not %s", wanted(v.Type()), describe(n))
		return
	}
	var err error
	switch into := v.Addr().Interface().(type) {
	case *time.Duration:
		*into, err = time.ParseDuration(n.Value)
	case *netip.Addr:
		*into, err = netip.ParseAddr(n.Value)
	case *netip.Prefix:
		*into, err = netip.ParsePrefix(n.Value)
	}
	if err != nil {
		f.Fail(at.String(), "must be %s, not %q", wanted(v.Type()), n.Value)
	}
}

func (f *File) scalar(at *place, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		f.Fail(at.String(), "must be %s, not %s", wanted(v.Type()), describe(n))
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(n.Value)
		return
	}
	if err := parse(n.Value, v); err != nil {
		f.Fail(at.String(), "must be %s, not %q", wanted(v.Type()), n.Value)
	}
}

func parse(text string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err
	case reflect.Float32, reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		x, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(x)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		x, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(x)
		return err
	}
	panic("strict: cannot read into a " + v.Type().String())
}

func wanted(t reflect.Type) string {
	switch {
	case t == durationType:
		return `a duration such as "90s" or "2m"`
	case t == addrType:
		return "an IP address"
	case t == prefixType:
		return "a network such as 10.0.0.0/24"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number that is not negative"
	case reflect.String:
		return "a text"
	}
	return "a whole number"
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "empty"
	}
	return strconv.Quote(n.Value)
}
