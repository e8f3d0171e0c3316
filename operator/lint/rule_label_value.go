package lint

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"
)

var labelValue = &Rule{
	ID: "label-value", Severity: Error,
	Doc: "The value of a selector's label is no text, because YAML reads it as a number or as true or false, is empty, " +
		"or is none that a label can have, so that nothing has it.",
	check: checkLabelValue,
}

func checkLabelValue(s *search) {
	for _, p := range s.policies {
		for _, selector := range []node{p.app, p.namespace} {
			for key, value := range selector.fields() {
				switch v := value.value.(type) {
				case nil:
					s.report(value, "has no value", "write the value that the objects' label has")
				case string:
					s.checkLabel(key, v, value)
				case bool, int64, float64:
					s.report(value, fmt.Sprintf("%s is read as %s, and labels are texts", value.show(), typeName(v)),
						fmt.Sprintf("put it in quotes: %q", value.show()))
				}
			}
		}
	}
}

func (s *search) checkLabel(key, text string, at node) {
	switch {
	case text == "" || key == "":
		s.report(at, "has no value", "write the value that the objects' label has")
	case templateMark.MatchString(key + text):
	case len(validation.IsQualifiedName(key)) > 0:
		s.report(at, fmt.Sprintf("%q can be the name of no label", key), "write it as the objects have it: app, or example.com/app")
	case len(validation.IsValidLabelValue(text)) > 0:
		s.report(at, fmt.Sprintf("%q can be the value of no label", text), "use letters, digits, -, _ and ., 63 at most")
	}
}

// typeName is what YAML reads a bare word as.
func typeName(value any) string {
	if _, ok := value.(bool); ok {
		return "true or false"
	}
	return "a number"
}
