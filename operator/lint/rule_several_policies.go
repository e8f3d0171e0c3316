package lint

import "fmt"

var severalPolicies = &Rule{
	ID: "several-policies", Severity: Error,
	Doc: "A folder has several GlobalDeploymentPolicies of different names; one counts and the others are refused. AMKO may even " +
		"take a refused one over later.",
	check: func(s *search) {
		s.onlyOne("GlobalDeploymentPolicy", "keep one; exceptions for single names go into GSLBHostRules")
	},
}

// onlyOne reports the objects of a kind of AMKO's that stand beside another one of a different name.
func (s *search) onlyOne(kind, remedy string) {
	first := map[string]*document{}
	for _, d := range s.documents {
		if !d.isKind(groupAMKO, kind) || d.Name() == "" {
			continue
		}
		one, ok := first[d.folder]
		if !ok {
			first[d.folder] = d
			continue
		}
		if one.Name() != d.Name() && orOperators(one.namespace) == orOperators(d.namespace) {
			line, _ := one.Position("metadata.name")
			s.report(d.root().get("metadata", "name"), fmt.Sprintf("%s %s stands beside %s (%s:%d), and only one counts", kind, d.Name(), one.Name(), one.File, line), remedy)
		}
	}
}

// orOperators is a namespace, or the operator's for objects that name none.
func orOperators(namespace string) string {
	if namespace == "" {
		return operatorNamespace
	}
	return namespace
}
