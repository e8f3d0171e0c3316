package lint

var hostMissing = &Rule{
	ID: "host-missing", Severity: Warning,
	Doc:   "A rule of a selected Ingress names no host, so that it gets no GSLB service.",
	check: checkHostMissing,
}

func checkHostMissing(s *search) {
	for _, h := range s.hosts {
		if h.name() == "" && s.selected(h.rule.doc) {
			s.report(h.rule, "names no host, and so gets no GSLB service", "add the host that clients ask for")
		}
	}
}
