package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var templateLeft = &Rule{
	ID: "template-left", Severity: Error,
	Doc:   "Braces of a template, or a variable of a shell, were left in: the file was not rendered, or not completely.",
	check: checkTemplateLeft,
}

// templateMark finds what templates of Helm, Jinja and shells leave behind.
var templateMark = regexp.MustCompile(`\{\{.*?\}\}|\{%.*?%\}|\{\{|\{%|\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

func checkTemplateLeft(s *search) {
	for _, file := range s.sources {
		if file.Named || mentionsGSLB.Match(file.Data) {
			for _, f := range file.templates() {
				s.add(f)
			}
		}
		for _, d := range file.documents {
			if d.concernsGSLB() {
				s.templatesIn(d.root())
			}
		}
	}
}

// templatesIn looks at the texts of a document that could be read. Annotations may hold anything.
func (s *search) templatesIn(n node) {
	if n.path == "metadata.annotations" {
		return
	}
	if mark := templateMark.FindString(n.text()); mark != "" {
		s.report(n, mark+" was not filled in", renderFirst)
	}
	for key, child := range n.fields() {
		if mark := templateMark.FindString(key); mark != "" {
			s.report(child, mark+" was not filled in", renderFirst)
		}
		s.templatesIn(child)
	}
	for _, child := range n.items() {
		s.templatesIn(child)
	}
}

const renderFirst = "render the template first, such as with `helm template` or `envsubst`, and check what comes out"

// templates are the marks in a file that could not be read because of them, line by line.
func (f *source) templates() []Finding {
	broken := slices.ContainsFunc(f.faults, func(f fault) bool { return f.Class == manifest.Syntax })
	if !broken {
		return nil
	}
	var found []Finding
	for i, line := range bytes.Split(f.Data, []byte("\n")) {
		text, _, _ := strings.Cut(string(line), " #")
		if strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		if at := templateMark.FindStringIndex(text); at != nil {
			found = append(found, Finding{
				File: f.Name, Line: i + 1, Column: at[0] + 1,
				Problem: fmt.Sprintf("%s was not filled in", text[at[0]:at[1]]), Remedy: renderFirst,
			})
		}
	}
	return found
}
