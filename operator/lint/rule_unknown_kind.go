package lint

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var unknownKind = &Rule{
	ID: "unknown-kind", Severity: Error,
	Doc: "The kind of an object looks like one of AMKO's, AKO's or Kubernetes' own, but is spelt differently, has another " +
		"version, or is served no longer.",
	check: checkUnknownKind,
}

// ownKinds are the kinds whose misspellings are reported. Others are taken for kinds of other operators.
var ownKinds = []string{
	"GSLBConfig", "GlobalDeploymentPolicy", "GSLBHostRule", "AMKOCluster", "HostRule", "MultiClusterIngress", "ServiceImport", "Ingress",
}

func checkUnknownKind(s *search) {
	for _, file := range s.sources {
		for _, f := range file.faults {
			if f.Class == manifest.UnknownKind && looksOwn(f.doc) {
				s.add(f.finding())
			}
		}
	}
}

func looksOwn(d *document) bool {
	if d.kind.Group == groupAMKO || d.kind.Group == groupAKO || d.kind.Group == groupIngress {
		return true
	}
	return slices.ContainsFunc(ownKinds, func(kind string) bool { return strings.EqualFold(kind, d.kind.Kind) }) &&
		!strings.Contains(d.kind.Group, ".") || d.kind.Group == "extensions"
}
