package lint

import "fmt"

var mappingConflict = &Rule{
	ID: "hostrule-conflict", Severity: Error,
	Doc:   "Two HostRules of a folder are for the same host, or claim the same alias; AKO accepts one of them.",
	check: checkMappingConflict,
}

func checkMappingConflict(s *search) {
	hosts, aliases := map[claim]node{}, map[claim]node{}
	for _, m := range s.mappings {
		s.claim(hosts, claim{m.doc.folder, m.get("fqdn").text()}, m.get("fqdn"), "put both into one HostRule")
		for _, alias := range m.get("aliases").items() {
			s.claim(aliases, claim{m.doc.folder, alias.text()}, alias, "leave the alias to one of them")
		}
	}
	for id, alias := range aliases {
		if host, ok := hosts[id]; ok && host.doc.Name() != alias.doc.Name() {
			s.report(alias, fmt.Sprintf("%s is the host of HostRule %s", alias.text(), host.doc.Name()), "remove the alias")
		}
	}
}

// claim is a name in a folder that one HostRule can have.
type claim struct{ folder, name string }

func (s *search) claim(taken map[claim]node, id claim, at node, remedy string) {
	if at.text() == "" {
		return
	}
	one, ok := taken[id]
	if !ok {
		taken[id] = at
		return
	}
	if one.doc.Name() != at.doc.Name() || one.doc.namespace != at.doc.namespace {
		line, _ := one.doc.Position(one.path)
		s.report(at, fmt.Sprintf("%s has the HostRule %s already (%s:%d)", at.text(), one.doc.Name(), one.doc.File, line), remedy)
	}
}
