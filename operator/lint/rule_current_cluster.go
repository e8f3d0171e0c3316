package lint

import "fmt"

var currentCluster = &Rule{
	ID: "current-cluster", Severity: Error,
	Doc: "The list of clusters of a federation does not name the current cluster; the leader refuses to federate then, and a " +
		"follower would when it takes over.",
	check: checkCurrentCluster,
}

func checkCurrentCluster(s *search) {
	for _, f := range s.federations {
		name := f.current.text()
		if name == "" || !f.members.given && f.doc.form == formValues || f.members.isEmpty() && !f.leader.isTrue() {
			continue
		}
		listed := false
		for _, m := range f.members.items() {
			listed = listed || m.text() == name || m.get("cluster").text() == name || m.get("clusterContext").text() == name
		}
		if !listed {
			s.report(f.members, fmt.Sprintf("does not name the current cluster, %s", name), "add - "+name)
		}
	}
}
