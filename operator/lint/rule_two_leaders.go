package lint

import (
	"fmt"
	"slices"
)

var twoLeaders = &Rule{
	ID: "two-leaders", Severity: Error,
	Doc:   "Two clusters of one federation say that they lead; both refuse to federate.",
	check: checkTwoLeaders,
}

func checkTwoLeaders(s *search) {
	for i, f := range s.federations {
		for _, other := range s.federations[:i] {
			if f.leader.isTrue() && other.leader.isTrue() && f.current.text() != other.current.text() && sameFederation(f, other) {
				line, _ := other.doc.Position(other.leader.path)
				s.report(f.leader, fmt.Sprintf("%s leads, and so does %s (%s:%d)", f.current.text(), other.current.text(), other.doc.File, line),
					"set it to false in all clusters but one")
				break
			}
		}
	}
}

// sameFederation is whether two clusters' lists have a cluster in common.
func sameFederation(a, b federation) bool {
	var names []string
	for _, m := range a.members.items() {
		names = append(names, m.text())
	}
	for _, m := range b.members.items() {
		if m.text() != "" && slices.Contains(names, m.text()) {
			return true
		}
	}
	return false
}
