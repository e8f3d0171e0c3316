package lint

import (
	"regexp"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var syntax = &Rule{
	ID: "syntax", Severity: Error,
	Doc:   "A file is no YAML, or larger than what is looked at.",
	check: checkSyntax,
}

func checkSyntax(s *search) {
	for _, file := range s.sources {
		if !file.Named && !mentionsGSLB.Match(file.Data) || len(file.templates()) > 0 {
			continue
		}
		for _, f := range file.faults {
			if f.Class == manifest.Syntax || f.Class == manifest.Limit {
				s.add(f.finding())
			}
		}
	}
}

// mentionsGSLB tells files about GSLB from others that lie in the same folder.
var mentionsGSLB = regexp.MustCompile(`(amko|ako)\.vmware\.com|globalDeploymentPolicy:|gslbLeader|(?m)^kind: *"?(Ingress|GSLB|HostRule)`)
