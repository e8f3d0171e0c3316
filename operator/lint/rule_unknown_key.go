package lint

import (
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var unknownKey = &Rule{
	ID: "unknown-key", Severity: Error,
	Doc:   "A key is not one of the chart's; Helm passes it over without a word. At the top only misspelt ones are reported.",
	check: checkUnknownKey,
}

func checkUnknownKey(s *search) {
	for _, d := range s.documents {
		eachUnknownKey(d, func(key string, at node, known []string, top bool) {
			if renamed[key] != "" || key == "matchRules" || len(places(key)) > 0 {
				return // misplaced
			}
			near := manifest.Nearest(key, known)
			switch {
			case near != "":
				s.report(at, "is no key of the chart", "did you mean "+near+"?")
			case !top:
				s.report(at, "is no key of the chart", "the section has "+strings.Join(known, ", "))
			}
		})
	}
}
