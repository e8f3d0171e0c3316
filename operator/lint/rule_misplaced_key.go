package lint

import "strings"

var misplacedKey = &Rule{
	ID: "misplaced-key", Severity: Error,
	Doc: "A key of the chart stands in another section than the one where the chart reads it, often one level too deep; Helm passes " +
		"it over without a word.",
	check: checkMisplacedKey,
}

// renamed are keys that AMKO's documents name and its chart does not read.
var renamed = map[string]string{"gdpConfig": "globalDeploymentPolicy"}

func checkMisplacedKey(s *search) {
	for _, d := range s.documents {
		eachUnknownKey(d, func(key string, at node, _ []string, top bool) {
			switch {
			case top && renamed[key] != "":
				s.report(at, "is not read by the chart, though its documents name it", "write "+renamed[key])
			case key == "matchRules":
				s.report(at, "is a field of the object, not of the chart", "put appSelector and namespaceSelector directly under globalDeploymentPolicy")
			case len(places(key)) > 0:
				s.report(at, "is not read here", "it belongs in "+strings.Join(places(key), " or "))
			}
		})
	}
}
