package scenario

import (
	"cmp"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// Intent is what the manifests ask for: one GSLB service and where its members shall be. It is read off the manifests
// alone, apart from the operator, so that a run can be judged by it.
type Intent struct {
	Host    string
	TTL     int // seconds
	Members []IntendedMember
}

// IntendedMember is one cluster that shall serve a name.
type IntendedMember struct {
	Cluster  string
	Site     string
	Priority int
	Ratio    int
	TLS      bool
}

// defaultTTL is that of the DNS application profile, in seconds, which holds where the policy says nothing.
const defaultTTL = 30

// Intents returns what the manifests ask for, by host.
func (s *Scenario) Intents() []Intent {
	policy, overrides := s.policy(), s.overrides()
	byHost := map[string]*Intent{}
	var hosts []string
	for _, sel := range s.selected() {
		in := byHost[sel.host]
		if in == nil {
			in = &Intent{Host: sel.host, TTL: ttlOf(policy, overrides[sel.host])}
			byHost[sel.host] = in
			hosts = append(hosts, sel.host)
		}
		_, site := s.World.Cluster(sel.object.Cluster)
		ratio, priority := splitOf(policy, overrides[sel.host], sel.object.Cluster)
		in.Members = append(in.Members, IntendedMember{
			Cluster: sel.object.Cluster, Site: site.Name, Ratio: ratio, Priority: priority, TLS: sel.tls,
		})
	}
	slices.Sort(hosts)
	out := make([]Intent, 0, len(hosts))
	for _, h := range hosts {
		members := byHost[h].Members
		slices.SortStableFunc(members, func(a, b IntendedMember) int {
			return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Cluster, b.Cluster))
		})
		byHost[h].Members = slices.CompactFunc(members, func(a, b IntendedMember) bool { return a.Cluster == b.Cluster })
		out = append(out, *byHost[h])
	}
	return out
}

func (s *Scenario) policy() *amkov1alpha2.GlobalDeploymentPolicy {
	for _, o := range s.Objects {
		if p, ok := o.Typed.(*amkov1alpha2.GlobalDeploymentPolicy); ok && o.Cluster == s.World.Operator.Cluster {
			return p
		}
	}
	return nil
}

func (s *Scenario) overrides() map[string]*amkov1alpha1.GSLBHostRule {
	out := map[string]*amkov1alpha1.GSLBHostRule{}
	for _, o := range s.Objects {
		if r, ok := o.Typed.(*amkov1alpha1.GSLBHostRule); ok && o.Cluster == s.World.Operator.Cluster {
			out[r.Spec.FQDN] = r
		}
	}
	return out
}

// selection is one host of one object that the policy selects.
type selection struct {
	object *Object
	host   string
	field  string
	tls    bool
}

// selected applies the policy's matchRules and matchClusters to the Ingresses of the manifests.
func (s *Scenario) selected() []selection {
	p := s.policy()
	if p == nil {
		return nil
	}
	var out []selection
	for i := range s.Objects {
		o := &s.Objects[i]
		ing, ok := o.Typed.(*networkingv1.Ingress)
		if !ok || !matches(p, s, o) {
			continue
		}
		if _, site := s.World.Cluster(o.Cluster); site == nil {
			continue // which has been reported
		}
		for n, rule := range ing.Spec.Rules {
			out = append(out, selection{o, rule.Host, fmt.Sprintf("spec.rules[%d].host", n), hasTLS(ing, rule.Host)})
		}
	}
	return out
}

func hasTLS(ing *networkingv1.Ingress, host string) bool {
	return slices.ContainsFunc(ing.Spec.TLS, func(t networkingv1.IngressTLS) bool { return slices.Contains(t.Hosts, host) })
}

func matches(p *amkov1alpha2.GlobalDeploymentPolicy, s *Scenario, o *Object) bool {
	if !slices.ContainsFunc(p.Spec.MatchClusters, func(c amkov1alpha2.ClusterProperty) bool { return c.Cluster == o.Cluster }) {
		return false
	}
	app, ns := p.Spec.MatchRules.AppSelector.Label, p.Spec.MatchRules.NamespaceSelector.Label
	if len(app) != 1 && len(ns) != 1 {
		return false
	}
	if len(app) == 1 && !contains(o.Object.GetLabels(), app) {
		return false
	}
	return len(ns) != 1 || contains(s.namespaceLabels(o.Cluster, o.Namespace()), ns)
}

func (s *Scenario) namespaceLabels(cluster, name string) map[string]string {
	for _, o := range s.Objects {
		if o.Cluster == cluster && o.GroupVersionKind().Kind == "Namespace" && o.Name() == name {
			return o.Object.GetLabels()
		}
	}
	return nil
}

func contains(labels, want map[string]string) bool {
	for k, v := range want {
		if labels[k] != v {
			return false
		}
	}
	return true
}

func ttlOf(p *amkov1alpha2.GlobalDeploymentPolicy, r *amkov1alpha1.GSLBHostRule) int {
	switch {
	case r != nil && r.Spec.TTL != nil:
		return int(*r.Spec.TTL)
	case p.Spec.TTL != nil:
		return int(*p.Spec.TTL)
	}
	return defaultTTL
}

// splitOf returns the weight and the priority of a cluster: 1 and 10 unless the policy says otherwise.
func splitOf(p *amkov1alpha2.GlobalDeploymentPolicy, r *amkov1alpha1.GSLBHostRule, cluster string) (ratio, priority int) {
	if r != nil {
		for _, t := range r.Spec.TrafficSplit {
			if t.Cluster == cluster {
				return int(t.WeightOrDefault()), int(t.PriorityOrDefault())
			}
		}
	}
	for _, t := range p.Spec.TrafficSplit {
		if t.Cluster == cluster {
			return int(t.WeightOrDefault()), int(t.PriorityOrDefault())
		}
	}
	return int(amkov1alpha2.DefaultWeight), int(amkov1alpha2.DefaultPriority)
}
