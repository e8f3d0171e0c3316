package lint

import "fmt"

var selectorLabels = &Rule{
	ID: "selector-labels", Severity: Error,
	Doc:   "A selector has several labels; it is honoured only with exactly one, and otherwise counts as absent.",
	check: checkSelectorLabels,
}

func checkSelectorLabels(s *search) {
	for _, p := range s.policies {
		for _, selector := range []node{p.app, p.namespace} {
			if object, _ := selector.value.(map[string]any); len(object) > 1 {
				s.report(selector, fmt.Sprintf("has %d labels; a selector counts only if it has exactly one", len(object)),
					"keep one label, and give it to all objects that are meant")
			}
		}
	}
}
