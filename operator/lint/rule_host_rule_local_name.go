package lint

import "fmt"

var hostRuleLocalName = &Rule{
	ID: "host-rule-local-name", Severity: Error,
	Doc: "A GSLBHostRule is for a local name that a HostRule maps to a global one (useCustomGlobalFqdn is true); it applies to no " +
		"GSLB service.",
	check: checkHostRuleLocalName,
}

func checkHostRuleLocalName(s *search) {
	for _, spec := range s.hostRules {
		fqdn := spec.get("fqdn")
		if yes, _ := s.mapped(spec.doc); !yes || fqdn.text() == "" {
			continue
		}
		for _, m := range s.mappings {
			global := m.get("gslb", "fqdn").text()
			if m.get("fqdn").text() == fqdn.text() && global != "" && global != fqdn.text() {
				s.report(fqdn, fmt.Sprintf("%s is a local name; HostRule %s maps it to %s", fqdn.text(), m.doc.Name(), global), "write "+global)
				break
			}
		}
	}
}
