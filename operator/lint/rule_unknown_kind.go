package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var unknownKind = &Rule{
	ID: "unknown-kind", Severity: Error,
	Doc: "The kind of an object looks like one of AMKO's, AKO's or Kubernetes' own, but is spelt differently, has another " +
		"version or none, or is served no longer.",
	check: checkUnknownKind,
}

// distinctKinds are kinds that nobody else has, so that one in another group is an old or a wrong one: AMKO's documents have
// "amko.k8s.io" in places. commonKinds may be other operators' too.
var (
	distinctKinds = []string{"GSLBConfig", "GlobalDeploymentPolicy", "GSLBHostRule", "AMKOCluster"}
	commonKinds   = []string{"HostRule", "MultiClusterIngress", "ServiceImport", "Ingress"}
)

func checkUnknownKind(s *search) {
	for _, file := range s.sources {
		for _, f := range file.faults {
			if f.Class == manifest.UnknownKind && looksOwn(f.doc) {
				s.add(f.finding())
			}
		}
		for _, d := range file.documents {
			version := d.root().get("apiVersion")
			switch {
			case d.form != formManifest:
			case version.given && version.text() == "":
				s.report(version, fmt.Sprintf("%s is no version", version.show()), "write group and version, as in apiVersion: amko.vmware.com/v1alpha1")
			case !version.given:
				s.report(d.root().get("kind"), fmt.Sprintf("%s has no apiVersion, without which the object is refused", d.kind.Kind), "add apiVersion")
			}
		}
	}
}

func looksOwn(d *document) bool {
	if d.kind.Group == groupAMKO || d.kind.Group == groupAKO || d.kind.Group == groupIngress {
		return true
	}
	named := func(kind string) bool { return strings.EqualFold(kind, d.kind.Kind) }
	return slices.ContainsFunc(distinctKinds, named) ||
		slices.ContainsFunc(commonKinds, named) && !strings.Contains(d.kind.Group, ".")
}
