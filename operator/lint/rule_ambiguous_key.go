package lint

import "github.com/gslbsim/gslbsim/operator/manifest"

var ambiguousKey = &Rule{
	ID: "duplicate-key", Severity: Error,
	Doc: "A key is given twice in one map, of which Kubernetes and Helm take the last, or is a bare word that YAML reads as true " +
		"or false.",
	check: func(s *search) {
		for _, file := range s.sources {
			if !file.Named && !mentionsGSLB.Match(file.Data) {
				continue
			}
			for _, f := range file.faults {
				if f.Class == manifest.AmbiguousKey {
					s.add(f.finding())
				}
			}
		}
	},
}
