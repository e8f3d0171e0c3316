package lint

import "fmt"

var labelValue = &Rule{
	ID: "label-value", Severity: Error,
	Doc:   "The value of a selector's label is no text, because YAML reads it as a number or as true or false, or is empty.",
	check: checkLabelValue,
}

func checkLabelValue(s *search) {
	for _, p := range s.policies {
		for _, selector := range []node{p.app, p.namespace} {
			for key, value := range selector.fields() {
				switch v := value.value.(type) {
				case string:
					if v == "" || key == "" {
						s.report(value, "has no value", "write the value that the objects' label has")
					}
				case bool, int64, float64:
					s.report(value, fmt.Sprintf("%s is read as %s, and labels are texts", value.show(), typeName(v)),
						fmt.Sprintf("put it in quotes: %q", value.show()))
				}
			}
		}
	}
}

// typeName is what YAML reads a bare word as.
func typeName(value any) string {
	if _, ok := value.(bool); ok {
		return "true or false"
	}
	return "a number"
}
