package lint

import (
	"encoding/base64"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// Where the operator looks for the member clusters' kubeconfig.
const (
	operatorNamespace = "avi-system"
	membersSecret     = "gslb-config-secret"
	membersKey        = "gslb-members"
)

// kubeconfig is the kubeconfig of the member clusters, or any other one.
type kubeconfig struct {
	root node
	// holder is the field of a Secret that the kubeconfig is in; without document: it is a file of its own.
	holder node
}

func readKubeconfig(root node) kubeconfig { return kubeconfig{root: root} }

// secretKubeconfig reads the kubeconfig in the members' Secret.
func secretKubeconfig(d *document) (kubeconfig, bool) {
	if d.Name() != membersSecret {
		return kubeconfig{}, false
	}
	holder := d.root().get("stringData", membersKey)
	text := holder.text()
	if !holder.given {
		holder = d.root().get("data", membersKey)
		raw, err := base64.StdEncoding.DecodeString(holder.text())
		if err != nil {
			return kubeconfig{}, false
		}
		text = string(raw)
	}
	documents, err := manifest.Parse(d.File, []byte(text), manifest.Options{})
	if err != nil || len(documents) != 1 {
		return kubeconfig{}, false
	}
	inner := &document{Document: &documents[0], form: formKubeconfig, folder: d.folder}
	return kubeconfig{root: inner.root(), holder: holder}, true
}

// at is where a finding at a field is reported: inside of a Secret lines are not known.
func (k kubeconfig) at(field node) node {
	if k.holder.doc != nil {
		return k.holder
	}
	return field
}

// named are the entries of a list of the kubeconfig by name.
func (k kubeconfig) named(list string) map[string]node {
	entries := map[string]node{}
	for _, entry := range k.root.get(list).items() {
		entries[entry.get("name").text()] = entry
	}
	return entries
}
