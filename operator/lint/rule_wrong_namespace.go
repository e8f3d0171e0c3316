package lint

import "fmt"

var wrongNamespace = &Rule{
	ID: "wrong-namespace", Severity: Error,
	Doc:   "A GSLBConfig, GlobalDeploymentPolicy or AMKOCluster is in a namespace other than avi-system, where nobody looks at it.",
	check: checkWrongNamespace,
}

func checkWrongNamespace(s *search) {
	for _, d := range s.documents {
		own := d.isKind(groupAMKO, "GSLBConfig") || d.isKind(groupAMKO, "GlobalDeploymentPolicy") || d.isKind(groupAMKO, "AMKOCluster") ||
			d.isKind("", "Secret") && d.Name() == membersSecret
		at := d.root().get("metadata", "namespace")
		if own && d.namespace != "" && d.namespace != operatorNamespace && at.given && !templateMark.MatchString(d.namespace) {
			s.report(at, fmt.Sprintf("nobody looks at a %s in namespace %s", d.kind.Kind, d.namespace), "use "+operatorNamespace)
		}
	}
}
