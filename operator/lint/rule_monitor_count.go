package lint

import "fmt"

var monitorCount = &Rule{
	ID: "monitor-count", Severity: Error,
	Doc:   "More than six health monitors are named; the controller refuses a GSLB service with more.",
	check: checkMonitorCount,
}

// monitorsMax is how many health monitors a GSLB service can have.
const monitorsMax = 6

func checkMonitorCount(s *search) {
	for _, spec := range s.specs() {
		refs := spec.get("healthMonitorRefs")
		if list, _ := refs.value.([]any); len(list) > monitorsMax {
			s.report(refs, fmt.Sprintf("names %d health monitors; a GSLB service can have %d", len(list), monitorsMax), "keep the six that matter most")
		}
	}
}
