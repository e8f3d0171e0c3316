package lint

import "fmt"

var weightWithoutMembers = &Rule{
	ID: "weight-without-members", Severity: Warning,
	Doc:   "A policy gives a share to a cluster that it does not match, so that the share has no members.",
	check: checkWeightWithoutMembers,
}

func checkWeightWithoutMembers(s *search) {
	for _, p := range s.policies {
		matched := map[string]bool{}
		for _, m := range p.matchClusters.items() {
			matched[m.text()+m.get("cluster").text()] = true
		}
		if len(matched) == 0 {
			continue
		}
		for _, e := range p.traffic.items() {
			if name := e.get("cluster").text(); name != "" && !matched[name] {
				s.report(e.get("cluster"), fmt.Sprintf("%s gets a share, but matchClusters does not name it", name),
					"add it to matchClusters, or remove the share")
			}
		}
	}
}
