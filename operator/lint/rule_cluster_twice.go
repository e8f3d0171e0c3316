package lint

import "fmt"

var clusterTwice = &Rule{
	ID: "cluster-twice", Severity: Error,
	Doc: "A list names a cluster twice, of which the last entry counts; most often another cluster was meant, which is missing " +
		"then.",
	check: checkClusterTwice,
}

func checkClusterTwice(s *search) {
	for _, p := range s.policies {
		s.twice(p.matchClusters, "cluster")
		s.twice(p.traffic, "cluster")
	}
	for _, o := range s.configs {
		s.twice(o.members, "clusterContext")
	}
	for _, f := range s.federations {
		s.twice(f.members, "")
	}
	for _, spec := range s.hostRules {
		s.twice(spec.get("trafficSplit"), "cluster")
		s.twice(spec.get("publicIP"), "cluster")
	}
}

func (s *search) twice(list node, key string) {
	seen := map[string]int{}
	for i, item := range list.items() {
		at := item
		if key != "" && item.text() == "" {
			at = item.get(key)
		}
		name := at.text()
		if name == "" {
			continue
		}
		if first, ok := seen[name]; ok {
			s.report(at, fmt.Sprintf("names cluster %s a second time, after entry %d", name, first), "name another cluster, or remove the entry")
			continue
		}
		seen[name] = i
	}
}
