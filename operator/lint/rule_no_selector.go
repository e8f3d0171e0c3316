package lint

import (
	"path"
	"slices"
)

var noSelector = &Rule{
	ID: "no-selector", Severity: Error,
	Doc: "A policy has neither an appSelector nor a namespaceSelector, and so selects nothing; AMKO's chart cannot even be " +
		"installed then.",
	check: checkNoSelector,
}

func checkNoSelector(s *search) {
	for _, p := range s.policies {
		if !p.app.isEmpty() || !p.namespace.isEmpty() || s.selectorElsewhere(p) {
			continue
		}
		at := p.spec
		if match := p.spec.get("matchRules"); match.given {
			at = match
		}
		s.report(at, "has neither an appSelector nor a namespaceSelector, and so selects nothing",
			`add appSelector: {label: {app: gslb}}, and give the objects that label`)
	}
}

// selectorElsewhere is whether the values of a policy may go together with others that have a selector: those that say nothing
// of the clusters are not complete, and neither are a chart's own defaults, nor those that lie beside values with a selector.
func (s *search) selectorElsewhere(p policy) bool {
	if p.doc.form != formValues {
		return false
	}
	if !p.doc.values().get("configs", "memberClusters").given || s.areDefaults(p.doc) {
		return true
	}
	return slices.ContainsFunc(s.policies, func(o policy) bool {
		return o.doc != p.doc && o.doc.form == formValues && o.doc.folder == p.doc.folder && !(o.app.isEmpty() && o.namespace.isEmpty())
	})
}

// areDefaults is whether values are the defaults of the chart itself, in its folder.
func (s *search) areDefaults(d *document) bool {
	names, chart := s.dependencies(d.folder)
	return chart != nil && len(names) == 0 && path.Base(d.File) == "values.yaml"
}
