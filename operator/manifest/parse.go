package manifest

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	sigsyaml "sigs.k8s.io/yaml"
)

// chunk is the text of one document.
type chunk struct {
	text []byte
	// lines is how many lines of the file precede the text.
	lines int
}

// split cuts a source into documents where kubectl does: at lines that start
// with "---", followed by nothing but spaces or a comment.
func split(src []byte) []chunk {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	var chunks []chunk
	start, startLine, line := 0, 0, 0
	for at := 0; at < len(src); line++ {
		end := len(src)
		if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if isSeparator(src[at:end]) {
			chunks = append(chunks, chunk{text: src[start:at], lines: startLine})
			start, startLine = end, line+1
		}
		at = end
	}
	return append(chunks, chunk{text: src[start:], lines: startLine})
}

func isSeparator(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	if !ok {
		return false
	}
	rest = bytes.TrimSpace(rest)
	return len(rest) == 0 || rest[0] == '#'
}

// parse reads one document twice: for its values as kubectl does (YAML 1.1, by
// way of JSON), and for the places of its fields.
func parse(c chunk) (place, any, *Error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(c.text, &doc); err != nil {
		return place{}, nil, syntaxError(c, err)
	}
	text, err := sigsyaml.YAMLToJSON(c.text)
	if err != nil {
		return place{}, nil, syntaxError(c, err)
	}
	var value any
	if err := utiljson.Unmarshal(text, &value); err != nil {
		return place{}, nil, syntaxError(c, err)
	}
	root := &doc
	if doc.Kind == yaml.DocumentNode && len(doc.Content) > 0 {
		root = doc.Content[0]
	}
	return place{node: root, lines: c.lines}, value, nil
}

var yamlLine = regexp.MustCompile(`^(?:error converting YAML to JSON: )?yaml: (?:unmarshal errors:\s+)?(?:line (\d+): )?`)

// slashComment is a comment as other languages have it, after a value in quotes or in brackets.
var slashComment = regexp.MustCompile(`(?m)[^\s#].*["'\]}][ \t]+//`)

// syntaxError turns the YAML library's error into one with a line of the file.
func syntaxError(c chunk, err error) *Error {
	text := err.Error()
	e := &Error{Class: Syntax, Line: c.lines + 1, Column: 1}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			e.Line = c.lines + n
		}
	}
	e.Problem = "is no valid YAML: " + strings.TrimSpace(text)
	if n := faultyLine(c.text, e.Line-c.lines, text); n > 0 {
		e.Line = c.lines + n
	}
	if at := slashComment.FindIndex(c.text); at != nil {
		// The parser notices such a comment only later, and names the start of the map.
		e.Line, e.Remedy = c.lines+1+bytes.Count(c.text[:at[0]], []byte("\n")), "comments begin with #, not with //"
		return e
	}
	switch {
	case (strings.Contains(text, "cannot start any token") || strings.Contains(text, "tab character")) && bytes.ContainsRune(c.text, '\t'):
		e.Remedy = "indent with spaces instead of tabs"
	case strings.Contains(text, "did not find expected key"), strings.Contains(text, "could not find expected ':'"),
		strings.Contains(text, "'-' indicator"):
		e.Remedy = "indent the line like those that it belongs to, or quote its value"
	case strings.Contains(text, "mapping values are not allowed"):
		e.Remedy = "check the indentation, and quote values that contain a colon"
	}
	return e
}

// faultyLine is the first line with which a text cannot be parsed, counted from 1; 0: it was not found. The library names the
// start of what it was about to read, dozens of lines above sometimes, or the line after the fault.
func faultyLine(text []byte, named int, problem string) int {
	ends := []int{0}
	for at, b := range text {
		if b == '\n' {
			ends = append(ends, at+1)
		}
	}
	ends = append(ends, len(text))
	fails := func(lines int) bool {
		var doc yaml.Node
		err := yaml.Unmarshal(text[:ends[lines]], &doc)
		return err != nil && strings.HasSuffix(err.Error(), problem)
	}
	good, bad := max(0, min(named, len(ends)-1)-2), len(ends)-1
	if fails(good) || !fails(bad) {
		return 0
	}
	for bad-good > 1 {
		if middle := (good + bad) / 2; fails(middle) {
			bad = middle
		} else {
			good = middle
		}
	}
	return bad
}

// isList is whether an object is a list of objects.
func isList(object map[string]any) bool {
	kind, _ := object["kind"].(string)
	_, ok := object["items"]
	return ok && strings.HasSuffix(kind, "List")
}
