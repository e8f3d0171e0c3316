package lint

import "fmt"

var hostRulePriority = &Rule{
	ID: "host-rule-priority", Severity: Warning,
	Doc: "A GSLBHostRule gives a cluster a weight and no priority. Its priority is 1 then, not the policy's or the usual 10, so that " +
		"the cluster gets nothing while any other lives.",
	check: checkHostRulePriority,
}

func checkHostRulePriority(s *search) {
	for _, spec := range s.hostRules {
		var names []string
		without := map[string]bool{}
		mixed := false
		for _, e := range spec.get("trafficSplit").items() {
			name := e.get("cluster").text()
			names = append(names, name)
			without[name] = e.get("priority").isNull()
			mixed = mixed || !without[name]
		}
		if members, known := s.members(spec.doc, names); !mixed && known && allIn(members, without) {
			continue // all are equal again
		}
		for _, e := range spec.get("trafficSplit").items() {
			if e.get("priority").isNull() && e.get("cluster").text() != "" {
				s.report(e, fmt.Sprintf("%s gets priority 1, below clusters that have the usual 10", e.get("cluster").text()), "add the priority that the policy has, such as priority: 10")
			}
		}
	}
}

func allIn(names []string, set map[string]bool) bool {
	for _, name := range names {
		if !set[name] {
			return false
		}
	}
	return true
}
