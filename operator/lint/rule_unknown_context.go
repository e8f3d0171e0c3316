package lint

import (
	"fmt"
	"maps"
	"slices"
)

var unknownContext = &Rule{
	ID: "unknown-context", Severity: Error,
	Doc:   "A member cluster is no context of the members' kubeconfig, so that the operator cannot reach it.",
	check: checkUnknownContext,
}

func checkUnknownContext(s *search) {
	for _, c := range s.configs {
		var members []node
		for _, m := range c.members.items() {
			members = append(members, m.get("clusterContext"))
		}
		s.namesContexts(members)
	}
	for _, f := range s.federations {
		members := []node{f.current}
		for _, m := range f.members.items() {
			members = append(members, m)
		}
		s.namesContexts(members)
	}
}

// namesContexts checks the clusters that one object names. Kubeconfigs that have none of them are of another installation,
// unless there is only one of each.
func (s *search) namesContexts(named []node) {
	var names, contexts []string
	for _, n := range named {
		names = append(names, n.text())
	}
	for _, k := range s.kubeconfigs {
		own := slices.Sorted(maps.Keys(k.named("contexts")))
		if k.isMembers() && (s.oneInstallation() && len(s.kubeconfigs) == 1 || haveCommon(own, names)) {
			contexts = append(contexts, own...)
		}
	}
	for _, n := range named {
		if name := n.text(); len(contexts) > 0 && name != "" && !slices.Contains(contexts, name) && !templateMark.MatchString(name) {
			s.report(n, fmt.Sprintf("%s is no context of the members' kubeconfig", name), meant(name, contexts))
		}
	}
}
