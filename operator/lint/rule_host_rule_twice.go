package lint

import "fmt"

var hostRuleTwice = &Rule{
	ID: "host-rule-twice", Severity: Error,
	Doc:   "Two GSLBHostRules of a folder are for the same FQDN; the older one counts and the other is refused.",
	check: checkHostRuleTwice,
}

func checkHostRuleTwice(s *search) {
	type name struct{ folder, fqdn string }
	first := map[name]node{}
	for _, spec := range s.hostRules {
		at := spec.get("fqdn")
		if at.text() == "" {
			continue
		}
		id := name{spec.doc.folder, at.text()}
		one, ok := first[id]
		if !ok {
			first[id] = at
			continue
		}
		if one.doc.Name() != at.doc.Name() || one.doc.namespace != at.doc.namespace {
			line, _ := one.doc.Position(one.path)
			s.report(at, fmt.Sprintf("%s has the GSLBHostRule %s already (%s:%d)", at.text(), one.doc.Name(), one.doc.File, line), "put both into one GSLBHostRule")
		}
	}
}
