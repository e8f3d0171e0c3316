package lint

import (
	"slices"
)

// The groups of the kinds.
const (
	groupAMKO    = "amko.vmware.com"
	groupAKO     = "ako.vmware.com"
	groupIngress = "networking.k8s.io"
)

// corpus is the whole input, sorted for the rules. What a policy, a configuration and a federation say is found in manifests
// and in values alike, and rules look at both in the same way.
type corpus struct {
	opts      Options
	sources   []*source
	documents []*document

	policies    []policy
	configs     []config
	federations []federation
	hostRules   []node // spec of GSLBHostRules
	mappings    []node // spec.virtualhost of AKO's HostRules
	hosts       []hostUse
	kubeconfigs []kubeconfig
	labels      map[space]map[string]any // of namespaces
}

// source is a file that was read.
type source struct {
	Source
	documents []*document
	faults    []fault
}

// policy is what a GlobalDeploymentPolicy says.
type policy struct {
	doc *document
	// spec holds everything but the selectors.
	spec                   node
	app, namespace         node // the selectors, as label maps
	matchClusters, traffic node
}

// config is what a GSLBConfig says.
type config struct {
	doc  *document
	spec node
	// members is the list of member clusters.
	members node
	// mapped says whether global names come from HostRules.
	mapped node
	// address is the controller's, version its API version.
	address, version node
}

// federation is what an AMKOCluster says.
type federation struct {
	doc              *document
	current, members node
	leader, version  node
}

// space is a namespace as far as files tell: of a folder, because a folder is what is applied to a cluster.
type space struct{ folder, name string }

func newCorpus(opts Options) *corpus {
	return &corpus{opts: opts, labels: map[space]map[string]any{}}
}

// take sorts a document in.
func (c *corpus) take(d *document) {
	c.documents = append(c.documents, d)
	switch {
	case d.form == formValues:
		c.takeValues(d)
	case d.form == formKubeconfig:
		c.kubeconfigs = append(c.kubeconfigs, readKubeconfig(d.root()))
	case d.form == formManifest:
		c.takeObject(d)
	}
}

func (c *corpus) takeObject(d *document) {
	spec := d.root().get("spec")
	switch {
	case d.isKind(groupAMKO, "GlobalDeploymentPolicy"):
		match := spec.get("matchRules")
		c.policies = append(c.policies, policy{
			doc: d, spec: spec, app: match.get("appSelector", "label"), namespace: match.get("namespaceSelector", "label"),
			matchClusters: spec.get("matchClusters"), traffic: spec.get("trafficSplit"),
		})
	case d.isKind(groupAMKO, "GSLBConfig"):
		c.configs = append(c.configs, config{
			doc: d, spec: spec, members: spec.get("memberClusters"), mapped: spec.get("useCustomGlobalFqdn"),
			address: spec.get("gslbLeader", "controllerIP"), version: spec.get("gslbLeader", "controllerVersion"),
		})
	case d.isKind(groupAMKO, "AMKOCluster"):
		c.federations = append(c.federations, federation{
			doc: d, current: spec.get("clusterContext"), members: spec.get("clusters"), leader: spec.get("isLeader"), version: spec.get("version"),
		})
	case d.isKind(groupAMKO, "GSLBHostRule"):
		c.hostRules = append(c.hostRules, spec)
	case d.isKind(groupAKO, "HostRule"):
		c.mappings = append(c.mappings, spec.get("virtualhost"))
	case d.isKind(groupIngress, "Ingress"):
		c.hosts = append(c.hosts, hostsOf(spec)...)
	case d.isKind("", "Namespace"):
		labels, _ := d.root().get("metadata", "labels").value.(map[string]any)
		c.labels[space{d.folder, d.Name()}] = labels
	case d.isKind("", "Secret"):
		if k, ok := secretKubeconfig(d); ok {
			c.kubeconfigs = append(c.kubeconfigs, k)
		}
	}
}

func (c *corpus) takeValues(d *document) {
	values := d.values()
	if gdp := values.get("globalDeploymentPolicy"); gdp.given {
		c.policies = append(c.policies, policy{
			doc: d, spec: gdp, app: gdp.get("appSelector", "label"), namespace: gdp.get("namespaceSelector", "label"),
			matchClusters: gdp.get("matchClusters"), traffic: gdp.get("trafficSplit"),
		})
	}
	if configs := values.get("configs"); configs.given {
		c.configs = append(c.configs, config{
			doc: d, spec: configs, members: configs.get("memberClusters"), mapped: configs.get("useCustomGlobalFqdn"),
			address: configs.get("gslbLeaderController"), version: configs.get("controllerVersion"),
		})
	}
	if f := values.get("federation"); f.given {
		c.federations = append(c.federations, federation{
			doc: d, current: f.get("currentCluster"), members: f.get("memberClusters"), leader: f.get("currentClusterIsLeader"),
		})
	}
}

// configsFor are the configurations that a document most likely goes with: those of its own file, else those of its folder,
// else all. Values of a chart go with values only where there are any.
func (c *corpus) configsFor(d *document) []config {
	for _, near := range []func(config) bool{
		func(o config) bool { return o.doc.File == d.File },
		func(o config) bool { return o.doc.folder == d.folder },
		func(config) bool { return true },
	} {
		var found []config
		for _, o := range c.configs {
			if near(o) {
				found = append(found, o)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// members are the names of the member clusters that a document goes with which names some clusters; known is false if the
// input does not tell. Configurations of other files count only if they have one of the clusters: others are of another
// installation, unless there is only one of each.
func (c *corpus) members(d *document, named []string) (names []string, known bool) {
	for _, o := range c.configsFor(d) {
		var members []string
		for _, m := range o.members.items() {
			if name := m.get("clusterContext").text(); name != "" {
				members = append(members, name)
			}
		}
		if len(members) > 0 && (o.doc.File == d.File || c.oneInstallation() || haveCommon(members, named)) {
			names, known = append(names, members...), true
		}
	}
	return names, known
}

// oneInstallation is whether the input is most likely about one installation only.
func (c *corpus) oneInstallation() bool { return len(c.configs) <= 1 && len(c.policies) <= 1 }

func haveCommon(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}

// mapped is whether global names come from HostRules for a document; known is false if the input does not tell, or says both.
func (c *corpus) mapped(d *document) (yes, known bool) {
	for i, o := range c.configsFor(d) {
		if i > 0 && yes != o.mapped.isTrue() {
			return false, false
		}
		yes, known = o.mapped.isTrue(), true
	}
	return yes, known
}

// policiesFor are the policies that select a document's objects: those of its folder, else all.
func (c *corpus) policiesFor(d *document) []policy {
	var near []policy
	for _, p := range c.policies {
		if p.doc.folder == d.folder {
			near = append(near, p)
		}
	}
	if len(near) > 0 {
		return near
	}
	return c.policies
}

// selected is whether a policy selects an object, as far as the input tells.
func (c *corpus) selected(d *document) bool {
	return slices.ContainsFunc(c.policiesFor(d), func(p policy) bool {
		labels, _ := d.root().get("metadata", "labels").value.(map[string]any)
		app, namespace := onlyLabel(p.app), onlyLabel(p.namespace)
		if app == nil && namespace == nil {
			return false
		}
		return app.in(labels) && namespace.in(c.labels[space{d.folder, d.Namespace()}])
	})
}

// label is one label of a selector; nil matches everything.
type label struct{ key, value string }

// onlyLabel is the label of a selector that has exactly one; others count as absent.
func onlyLabel(selector node) *label {
	object, _ := selector.value.(map[string]any)
	if len(object) != 1 {
		return nil
	}
	for key, value := range selector.fields() {
		return &label{key, value.show()}
	}
	return nil
}

func (l *label) in(labels map[string]any) bool {
	if l == nil {
		return true
	}
	value, ok := labels[l.key].(string)
	return ok && value == l.value
}
