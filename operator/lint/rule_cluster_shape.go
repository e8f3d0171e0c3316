package lint

import "fmt"

var clusterShape = &Rule{
	ID: "cluster-shape", Severity: Error,
	Doc: "A list of clusters has plain names where objects belong (matchClusters, memberClusters of the configuration), or " +
		"objects where names belong (the clusters of the federation).",
	check: checkClusterShape,
}

func checkClusterShape(s *search) {
	for _, p := range s.policies {
		s.wantObjects(p.matchClusters, "cluster")
		s.wantObjects(p.traffic, "cluster")
	}
	for _, o := range s.configs {
		s.wantObjects(o.members, "clusterContext")
	}
	for _, f := range s.federations {
		for _, m := range f.members.items() {
			if _, ok := m.value.(map[string]any); ok {
				s.report(m, "is an object; this list takes names", "write the name of the context alone: - "+anyText(m))
			}
		}
	}
}

func (s *search) wantObjects(list node, key string) {
	for _, item := range list.items() {
		if name, ok := item.value.(string); ok {
			s.report(item, fmt.Sprintf("is the text %q; this list takes objects", name), fmt.Sprintf("write - %s: %s", key, name))
		}
	}
}

// anyText is a text in a map.
func anyText(n node) string {
	for _, child := range n.fields() {
		if text := child.text(); text != "" {
			return text
		}
	}
	return "CONTEXT"
}
