package lint

var mappingIgnored = &Rule{
	ID: "hostrule-ignored", Severity: Warning,
	Doc:   "A HostRule maps a host to a global name, but useCustomGlobalFqdn is not true, so that the local name becomes the GSLB service.",
	check: checkMappingIgnored,
}

func checkMappingIgnored(s *search) {
	for _, m := range s.mappings {
		global := m.get("gslb", "fqdn")
		if yes, known := s.mapped(m.doc); known && !yes && global.text() != "" && global.text() != m.get("fqdn").text() {
			s.report(global, "is not looked at, because useCustomGlobalFqdn is not true", "set useCustomGlobalFqdn: true in the GSLBConfig or in the chart's configs")
		}
	}
}
