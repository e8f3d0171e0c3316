package lint

import (
	"fmt"
	"slices"
)

var manyPaths = &Rule{
	ID: "many-paths", Severity: Warning,
	Doc: "A host has more than six paths. The operator makes a health monitor for each of the six shallowest; AMKO makes one for " +
		"each path, and the controller refuses the service.",
	check: checkManyPaths,
}

func checkManyPaths(s *search) {
	for _, h := range s.hosts {
		paths := h.paths()
		slices.Sort(paths)
		n := len(slices.Compact(paths))
		if n > monitorsMax && s.selected(h.rule.doc) && !s.ownMonitors(h.rule.doc) {
			s.report(h.rule.get("http", "paths"), fmt.Sprintf("%d paths would need as many health monitors, and a GSLB service can have %d", n, monitorsMax),
				"name monitors of your own in healthMonitorRefs, or have fewer paths")
		}
	}
}

// ownMonitors is whether the policy for a document names monitors, so that none are made for paths.
func (s *search) ownMonitors(d *document) bool {
	return slices.ContainsFunc(s.policiesFor(d), func(p policy) bool {
		return !p.spec.get("healthMonitorRefs").isEmpty() || p.spec.get("controlPlaneHmOnly").isTrue()
	})
}
