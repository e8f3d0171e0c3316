package lint

import "github.com/gslbsim/gslbsim/operator/manifest"

var refused = &Rule{
	ID: "refused", Severity: Error,
	Doc:     "An API server stores the object and the operator refuses it, for a reason that no other rule speaks of.",
	general: true,
	check: func(s *search) {
		for _, file := range s.sources {
			for _, f := range file.faults {
				if f.Class == manifest.Refused {
					finding := f.finding()
					finding.Remedy = "correct it; until then the operator works without the whole object"
					s.add(finding)
				}
			}
		}
	},
}
