package ingest

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Object identifies a Kubernetes object of a member cluster.
type Object struct {
	Cluster   string
	Kind      model.Kind
	Namespace string
	Name      string
}

// Index holds what is known of the member clusters. It is not safe for concurrent use. The order of changes does not
// matter: after the same objects were set, every Index answers the same.
type Index struct {
	mapped     bool // HostRules map local hosts to global FQDNs
	objects    map[Object][]Candidate
	byHost     map[string][]Object
	inSpace    map[space]map[Object]struct{}
	namespaces map[space]Namespace

	rules     map[ruleKey]HostRule
	byLocal   map[local][]ruleKey
	byService map[string][]ruleKey
	claims    map[string][]ruleKey //  alias -> rules that claim it

	touched map[string]struct{}
}

// space is a namespace of a cluster, local a host of a cluster.
type (
	space   struct{ cluster, namespace string }
	local   struct{ cluster, host string }
	ruleKey struct{ cluster, namespace, name string }
)

// NewIndex returns an empty Index. mapped says how FQDNs are found: false takes the host as it is, true takes what an
// accepted HostRule of the same cluster maps it to, and leaves out hosts without such a rule.
func NewIndex(mapped bool) *Index {
	return &Index{
		mapped: mapped, objects: map[Object][]Candidate{}, byHost: map[string][]Object{},
		inSpace: map[space]map[Object]struct{}{}, namespaces: map[space]Namespace{},
		rules: map[ruleKey]HostRule{}, byLocal: map[local][]ruleKey{},
		byService: map[string][]ruleKey{}, claims: map[string][]ruleKey{},
		touched: map[string]struct{}{},
	}
}

// Mapped says how FQDNs are found; see NewIndex.
func (x *Index) Mapped() bool { return x.mapped }

// SetObject notes the candidates of an object; none forgets the object. It touches nothing if they are the same as before.
func (x *Index) SetObject(key Object, candidates []Candidate) {
	old := x.objects[key]
	if reflect.DeepEqual(old, candidates) || len(old) == 0 && len(candidates) == 0 {
		return
	}
	x.touchHosts(old)
	for _, c := range old {
		drop(x.byHost, c.Host, key)
	}
	in := space{key.Cluster, key.Namespace}
	if len(candidates) == 0 {
		delete(x.objects, key)
		exclude(x.inSpace, in, key)
	} else {
		x.objects[key] = candidates
		include(x.inSpace, in, key)
	}
	for _, c := range candidates {
		put(x.byHost, c.Host, key)
	}
	x.touchHosts(candidates)
}

// SetNamespace notes a namespace; nil forgets it.
func (x *Index) SetNamespace(cluster, name string, ns *Namespace) {
	in := space{cluster, name}
	old, known := x.namespaces[in]
	switch {
	case ns == nil && !known, ns != nil && known && reflect.DeepEqual(old, *ns):
		return
	case ns == nil:
		delete(x.namespaces, in)
	default:
		x.namespaces[in] = *ns
	}
	for key := range x.inSpace[in] {
		x.touchHosts(x.objects[key])
	}
}

// SetHostRule notes an accepted HostRule; nil forgets it.
func (x *Index) SetHostRule(cluster, namespace, name string, rule *HostRule) {
	key := ruleKey{cluster, namespace, name}
	old, known := x.rules[key]
	if rule == nil && !known || rule != nil && known && reflect.DeepEqual(old, *rule) {
		return
	}
	if known {
		x.touchRule(old)
		x.unlink(key, old)
		x.touchRule(old)
	}
	if rule != nil {
		x.touchRule(*rule)
		x.link(key, *rule)
		x.touchRule(*rule)
	}
}

// ForgetCluster forgets all that is known of a cluster.
func (x *Index) ForgetCluster(cluster string) {
	for key := range maps.Clone(x.objects) {
		if key.Cluster == cluster {
			x.SetObject(key, nil)
		}
	}
	for key := range maps.Clone(x.rules) {
		if key.cluster == cluster {
			x.SetHostRule(key.cluster, key.namespace, key.name, nil)
		}
	}
	for in := range maps.Clone(x.namespaces) {
		if in.cluster == cluster {
			x.SetNamespace(in.cluster, in.namespace, nil)
		}
	}
}

// Remap returns an Index of the same objects that finds FQDNs the other way. Every FQDN of either is touched.
func (x *Index) Remap(mapped bool) *Index {
	y := NewIndex(mapped)
	maps.Copy(y.namespaces, x.namespaces)
	for key, rule := range x.rules {
		y.link(key, rule)
	}
	for key, candidates := range x.objects {
		y.SetObject(key, candidates)
	}
	for _, fqdn := range append(x.FQDNs(), y.FQDNs()...) {
		y.touched[fqdn] = struct{}{}
	}
	return y
}

// Touched returns the FQDNs whose service may have changed since the last call, sorted.
func (x *Index) Touched() []string {
	fqdns := slices.Sorted(maps.Keys(x.touched))
	clear(x.touched)
	return fqdns
}

// FQDNs returns all FQDNs that have candidates, sorted.
func (x *Index) FQDNs() []string {
	if !x.mapped {
		return slices.Sorted(maps.Keys(x.byHost))
	}
	var fqdns []string
	for fqdn := range x.byService {
		if len(x.Candidates(fqdn)) > 0 {
			fqdns = append(fqdns, fqdn)
		}
	}
	slices.Sort(fqdns)
	return fqdns
}

// Candidates returns the candidates of an FQDN, ordered by their source. They are copies, with TLS set also where a
// HostRule of the object's namespace says so.
func (x *Index) Candidates(fqdn string) []Candidate {
	var found []Candidate
	if x.mapped {
		for _, key := range x.byService[fqdn] {
			if rule := x.rules[key]; x.mapping(local{rule.Cluster, rule.FQDN}) == key {
				found = x.appendHost(found, rule.FQDN, rule.Cluster)
			}
		}
	} else {
		found = x.appendHost(nil, fqdn, "")
	}
	slices.SortFunc(found, Candidate.Compare)
	return found
}

// Controllers returns the controllers that candidates are of.
func (x *Index) Controllers() map[string]bool {
	found := map[string]bool{}
	for _, candidates := range x.objects {
		for _, c := range candidates {
			if c.Controller != "" {
				found[c.Controller] = true
			}
		}
	}
	return found
}

// Namespace returns what is known of a namespace; an unknown one has no labels and no tenant.
func (x *Index) Namespace(cluster, name string) Namespace { return x.namespaces[space{cluster, name}] }

// Aliases returns the further names that accepted HostRules give to a service, sorted. Another service may claim them too.
func (x *Index) Aliases(fqdn string) []string {
	names := map[string]struct{}{}
	for _, key := range x.byService[fqdn] {
		for _, alias := range x.aliases(x.rules[key]) {
			if alias != "" && alias != fqdn {
				names[alias] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Claimants returns the FQDNs of the services that claim a name as an alias, sorted.
func (x *Index) Claimants(alias string) []string {
	services := map[string]struct{}{}
	for _, key := range x.claims[alias] {
		services[x.service(x.rules[key])] = struct{}{}
	}
	return slices.Sorted(maps.Keys(services))
}

// appendHost appends the candidates of a host, those of one cluster only if one is given.
func (x *Index) appendHost(found []Candidate, host, cluster string) []Candidate {
	for _, key := range x.byHost[host] {
		if cluster != "" && key.Cluster != cluster {
			continue
		}
		for _, c := range x.objects[key] {
			if c.Host != host || x.mapped && c.Unmappable {
				continue
			}
			c.TLS = c.TLS || !c.Passthrough && x.certified(c)
			found = append(found, c)
		}
	}
	return found
}

// certified says whether a HostRule of the candidate's namespace gives its host a certificate.
func (x *Index) certified(c Candidate) bool {
	for _, key := range x.byLocal[local{c.Cluster, c.Host}] {
		if key.namespace == c.Namespace && x.rules[key].TLS {
			return true
		}
	}
	return false
}

// mapping is the rule that maps a local host: of several the first by namespace and name, so that the choice does not
// depend on which came first.
func (x *Index) mapping(host local) ruleKey {
	var first ruleKey
	for _, key := range x.byLocal[host] {
		if x.rules[key].Global == "" {
			continue
		}
		if first == (ruleKey{}) || cmp.Or(cmp.Compare(key.namespace, first.namespace), cmp.Compare(key.name, first.name)) < 0 {
			first = key
		}
	}
	return first
}

func (x *Index) link(key ruleKey, rule HostRule) {
	x.rules[key] = rule
	put(x.byLocal, local{rule.Cluster, rule.FQDN}, key)
	if service := x.service(rule); service != "" {
		put(x.byService, service, key)
		for _, alias := range x.aliases(rule) {
			put(x.claims, alias, key)
		}
	}
}

func (x *Index) unlink(key ruleKey, rule HostRule) {
	delete(x.rules, key)
	drop(x.byLocal, local{rule.Cluster, rule.FQDN}, key)
	drop(x.byService, x.service(rule), key)
	for _, alias := range x.aliases(rule) {
		drop(x.claims, alias, key)
	}
}

// service is the FQDN of the service that a rule speaks of; empty: none.
func (x *Index) service(rule HostRule) string {
	if x.mapped {
		return rule.Global
	}
	return rule.FQDN
}

func (x *Index) aliases(rule HostRule) []string {
	if x.mapped && !rule.IncludeAliases {
		return nil
	}
	return rule.Aliases
}

func (x *Index) touchHosts(candidates []Candidate) {
	for _, c := range candidates {
		if !x.mapped {
			x.touch(c.Host)
			continue
		}
		if key := x.mapping(local{c.Cluster, c.Host}); key != (ruleKey{}) {
			x.touch(x.rules[key].Global)
		}
	}
}

// touchRule touches the services of a rule and of all rules for the same local host: another may become the one that maps.
func (x *Index) touchRule(rule HostRule) {
	x.touch(x.service(rule))
	for _, key := range x.byLocal[local{rule.Cluster, rule.FQDN}] {
		x.touch(x.service(x.rules[key]))
	}
	for _, alias := range x.aliases(rule) {
		x.touchClaimants(alias)
	}
}

// touch marks a service, and all whose aliases may change with it: those that claim its name, and those that claim a name
// it claims.
func (x *Index) touch(fqdn string) {
	if fqdn == "" {
		return
	}
	x.touched[fqdn] = struct{}{}
	x.touchClaimants(fqdn)
	for _, key := range x.byService[fqdn] {
		for _, alias := range x.aliases(x.rules[key]) {
			x.touchClaimants(alias)
		}
	}
}

func (x *Index) touchClaimants(alias string) {
	for _, key := range x.claims[alias] {
		x.touched[x.service(x.rules[key])] = struct{}{}
	}
}
