package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var unknownCluster = &Rule{
	ID: "unknown-cluster", Severity: Error,
	Doc:   "A policy or a host rule names a cluster that is no member cluster of the configuration; the operator refuses it.",
	check: checkUnknownCluster,
}

func checkUnknownCluster(s *search) {
	for _, p := range s.policies {
		s.namesMembers(nil, p.matchClusters, p.traffic)
	}
	for _, spec := range s.hostRules {
		var sites []string
		for _, m := range spec.get("thirdPartyMembers").items() {
			sites = append(sites, m.get("site").text())
		}
		s.namesMembers(sites, spec.get("trafficSplit"), spec.get("publicIP"))
	}
}

// namesMembers checks the clusters that lists of one object name; others may be named too.
func (s *search) namesMembers(others []string, lists ...node) {
	var named []node
	var names []string
	for _, list := range lists {
		for _, item := range list.items() {
			at := item
			if item.text() == "" {
				at = item.get("cluster")
			}
			if at.text() != "" && !templateMark.MatchString(at.text()) {
				named, names = append(named, at), append(names, at.text())
			}
		}
	}
	members, known := s.members(lists[0].doc, names)
	if !known {
		return
	}
	for _, at := range named {
		if name := at.text(); !slices.Contains(members, name) && !slices.Contains(others, name) {
			s.report(at, fmt.Sprintf("%s is no member cluster", name), meant(name, append(slices.Clone(members), others...)))
		}
	}
}

// meant says which of some names was most likely meant.
func meant(name string, names []string) string {
	if len(names) == 0 {
		return "there is none to name"
	}
	if near := manifest.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "known are " + strings.Join(names, ", ")
}
