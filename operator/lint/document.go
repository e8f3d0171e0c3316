package lint

import (
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// form is what sort of document something is.
type form int

const (
	formOther      form = iota // nothing that is looked at
	formManifest               // an object of Kubernetes
	formValues                 // values of AMKO's chart
	formChart                  // a Chart.yaml
	formKubeconfig             // a kubeconfig
)

// document is one document of the input.
type document struct {
	*manifest.Document
	form form
	// prefix is where values of the chart stand if the chart is a dependency of another one: the key of the dependency.
	// Two keys are one too many, and no key is the usual case.
	prefix []string
	// folder is the folder of the file. Standard input is a folder of its own.
	folder string
	kind   schema.GroupKind
	// namespace is what the document says; empty: nothing.
	namespace string
}

// root is the document's top.
func (d *document) root() node { return node{doc: d, value: d.Object.Object, given: true} }

// values is where the chart's values begin.
func (d *document) values() node {
	return d.root().get(d.prefix...)
}

func newDocument(m *manifest.Document) *document {
	d := &document{Document: m, folder: path.Dir(m.File), namespace: m.Namespace()}
	object := m.Object.Object
	version, hasVersion := object["apiVersion"].(string)
	d.kind = m.GroupVersionKind().GroupKind()
	switch {
	case d.root().get("kind").text() == "Config" && version == "v1":
		d.form = formKubeconfig
	case path.Base(m.File) == "Chart.yaml":
		d.form = formChart
	case d.root().get("$schema").given:
		d.form = formOther // a JSON schema has the keys of what it describes
	case hasVersion || looksOwn(d):
		d.form = formManifest
	default:
		d.form, d.prefix = valuesForm(d)
	}
	return d
}

// Keys of the chart that no other chart has, so that they tell its values from others'.
var tellingKeys = []string{"federation", "globalDeploymentPolicy", "gdpConfig", "gslbLeaderCredentials", "multiClusterIngress"}

// tellingConfigs are the keys of the chart's section "configs"; other charts have such a section too.
var tellingConfigs = []string{"gslbLeaderController", "memberClusters", "useCustomGlobalFqdn", "amkoUUID", "federation"}

// valuesForm finds out whether a document without kind is values of AMKO's chart, at the top or below the key of a
// dependency.
func valuesForm(d *document) (form, []string) {
	top := d.root()
	if isValues(top) {
		return formValues, nil
	}
	for key, child := range top.fields() {
		if isValues(child) {
			return formValues, []string{key}
		}
		for below, grandchild := range child.fields() {
			if isValues(grandchild) {
				return formValues, []string{key, below}
			}
		}
	}
	return formOther, nil
}

func isValues(n node) bool {
	if slices.ContainsFunc([]string{"AKOSettings", "NetworkSettings", "ControllerSettings"}, func(key string) bool { return n.get(key).given }) {
		return false // AKO's chart
	}
	for _, key := range tellingKeys {
		if at := n.get(key); at.given && (key != "federation" || at.get("currentCluster").given || at.get("memberClusters").given || at.get("currentClusterIsLeader").given) {
			return true
		}
	}
	return slices.ContainsFunc(tellingConfigs, func(key string) bool { return n.get("configs", key).given })
}

// isKind is whether a document is an object of a kind.
func (d *document) isKind(group, kind string) bool {
	return d.form == formManifest && d.kind.Group == group && d.kind.Kind == kind
}

// concernsGSLB is whether rules look into a document: other kinds may hold anything.
func (d *document) concernsGSLB() bool {
	switch d.form {
	case formValues:
		return true
	case formManifest:
		return strings.HasSuffix(d.kind.Group, ".vmware.com") || slices.Contains(watchedKinds, d.kind)
	}
	return false
}

// watchedKinds are the built-in kinds that the operator looks at.
var watchedKinds = []schema.GroupKind{
	{Group: "networking.k8s.io", Kind: "Ingress"}, {Kind: "Service"}, {Kind: "Namespace"},
}
