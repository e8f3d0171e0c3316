package lint

import (
	"fmt"
	"slices"
)

var mappingMissing = &Rule{
	ID: "hostrule-missing", Severity: Warning,
	Doc: "useCustomGlobalFqdn is true and no HostRule of the folder maps a selected host to a global name, so that it gets no GSLB " +
		"service. Folders without any such HostRule are passed over.",
	check: checkMappingMissing,
}

func checkMappingMissing(s *search) {
	for _, h := range s.hosts {
		d := h.rule.doc
		if yes, _ := s.mapped(d); !yes || h.name() == "" || !s.selected(d) {
			continue
		}
		anyMapping, mapped := false, false
		for _, m := range s.mappings {
			if m.doc.folder == d.folder && m.get("gslb", "fqdn").text() != "" {
				anyMapping = true
				mapped = mapped || m.get("fqdn").text() == h.name()
			}
		}
		if anyMapping && !mapped {
			s.report(h.host, fmt.Sprintf("no HostRule maps %s to a global name", h.name()), "add a HostRule with virtualhost.fqdn and virtualhost.gslb.fqdn")
		}
	}
}

// globalNames are the names of GSLB services that the input speaks of.
func (s *search) globalNames() []node {
	var names []node
	for _, spec := range s.hostRules {
		names = append(names, spec.get("fqdn"))
	}
	for _, m := range s.mappings {
		if yes, _ := s.mapped(m.doc); yes {
			names = append(names, m.get("gslb", "fqdn"))
		}
	}
	for _, h := range s.hosts {
		if yes, _ := s.mapped(h.rule.doc); !yes && s.selected(h.rule.doc) {
			names = append(names, h.host)
		}
	}
	return slices.DeleteFunc(names, func(n node) bool { return n.text() == "" || templateMark.MatchString(n.text()) })
}
