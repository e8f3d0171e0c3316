package lint

var monitorRefsAndTemplate = &Rule{
	ID: "monitor-refs-and-template", Severity: Error,
	Doc:   "healthMonitorRefs and healthMonitorTemplate are both given; one excludes the other, and the operator refuses the object.",
	check: checkMonitorRefsAndTemplate,
}

func checkMonitorRefsAndTemplate(s *search) {
	for _, spec := range s.specs() {
		if template := spec.get("healthMonitorTemplate"); !template.isEmpty() && !spec.get("healthMonitorRefs").isEmpty() {
			s.report(template, "stands beside healthMonitorRefs, and one excludes the other", "keep healthMonitorRefs for monitors of your own, or the template for the operator's")
		}
	}
}

// specs are policies and host rules, which have many fields in common.
func (s *search) specs() []node {
	var list []node
	for _, p := range s.policies {
		list = append(list, p.spec)
	}
	return append(list, s.hostRules...)
}
