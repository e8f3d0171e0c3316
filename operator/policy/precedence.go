package policy

import (
	"cmp"
	"errors"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// ErrSecondPolicy and ErrSecondRule are the verdicts on resources that stand behind another one.
var (
	ErrSecondPolicy = errors.New("a GDP object already exists, can't add another")
	ErrSecondRule   = errors.New("there's an existing GSLBHostRule for the same FQDN")
)

// precedence orders resources that exclude one another: the older one is first. Of two created in the same second the one
// that was accepted before is, and then the name decides. Nothing that the operator itself writes can turn the order
// around, so that refusing a resource never makes it take over.
func precedence(a, b metav1.Object, aAccepted, bAccepted bool) int {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	accepted := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	return cmp.Or(at.Compare(bt.Time), cmp.Compare(accepted(aAccepted), accepted(bAccepted)),
		cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
}

// ChooseGlobal returns the GlobalDeploymentPolicy that counts, nil if there is none. It counts even if it is not valid: an
// error in the policy in force must not put another one in its place.
func ChooseGlobal(gdps []*amkov1alpha2.GlobalDeploymentPolicy) *amkov1alpha2.GlobalDeploymentPolicy {
	if len(gdps) == 0 {
		return nil
	}
	return slices.MinFunc(gdps, func(a, b *amkov1alpha2.GlobalDeploymentPolicy) int {
		return precedence(a, b, a.Status.ErrorStatus == StatusSuccess, b.Status.ErrorStatus == StatusSuccess)
	})
}

// StatusSuccess is the errorStatus of an accepted GlobalDeploymentPolicy.
const StatusSuccess = "success"

// RuleBook holds the GSLBHostRules and says which one counts for an FQDN: of the valid ones the first by precedence. The
// order in which rules are set does not matter. It is not safe for concurrent use.
type RuleBook struct {
	entries map[types.NamespacedName]entry
	byFQDN  map[string][]types.NamespacedName // in order of precedence
	touched map[string]struct{}
}

type entry struct {
	resource *amkov1alpha1.GSLBHostRule
	rule     HostRule
	verdict  error
}

// NewRuleBook returns an empty RuleBook.
func NewRuleBook() *RuleBook {
	return &RuleBook{
		entries: map[types.NamespacedName]entry{}, byFQDN: map[string][]types.NamespacedName{},
		touched: map[string]struct{}{},
	}
}

// Set notes a resource with what CompileRule says of it.
func (b *RuleBook) Set(resource *amkov1alpha1.GSLBHostRule, rule HostRule, verdict error) {
	key := types.NamespacedName{Namespace: resource.Namespace, Name: resource.Name}
	b.Remove(key)
	b.entries[key] = entry{resource, rule, verdict}
	fqdn := resource.Spec.FQDN
	b.byFQDN[fqdn] = append(b.byFQDN[fqdn], key)
	slices.SortFunc(b.byFQDN[fqdn], func(x, y types.NamespacedName) int {
		rx, ry := b.entries[x].resource, b.entries[y].resource
		return precedence(rx, ry, rx.Status.Status == amkov1alpha1.HostRuleAccepted, ry.Status.Status == amkov1alpha1.HostRuleAccepted)
	})
	b.touched[fqdn] = struct{}{}
}

// Remove forgets a resource.
func (b *RuleBook) Remove(key types.NamespacedName) {
	old, ok := b.entries[key]
	if !ok {
		return
	}
	fqdn := old.resource.Spec.FQDN
	delete(b.entries, key)
	b.byFQDN[fqdn] = slices.DeleteFunc(b.byFQDN[fqdn], func(k types.NamespacedName) bool { return k == key })
	if len(b.byFQDN[fqdn]) == 0 {
		delete(b.byFQDN, fqdn)
	}
	b.touched[fqdn] = struct{}{}
}

// Rule returns the rule that counts for an FQDN, nil if there is none.
func (b *RuleBook) Rule(fqdn string) *HostRule {
	for _, key := range b.byFQDN[fqdn] {
		if e := b.entries[key]; e.verdict == nil {
			return &e.rule
		}
	}
	return nil
}

// Resource returns the resource whose rule counts for an FQDN, nil if there is none.
func (b *RuleBook) Resource(fqdn string) *amkov1alpha1.GSLBHostRule {
	for _, key := range b.byFQDN[fqdn] {
		if e := b.entries[key]; e.verdict == nil {
			return e.resource
		}
	}
	return nil
}

// Verdict returns why a resource is rejected, nil if it is accepted. It is nil for a resource that is not in the book.
func (b *RuleBook) Verdict(key types.NamespacedName) error {
	e, ok := b.entries[key]
	if !ok || e.verdict != nil {
		return e.verdict
	}
	if first := b.Resource(e.resource.Spec.FQDN); first.Namespace != key.Namespace || first.Name != key.Name {
		return ErrSecondRule
	}
	return nil
}

// Resources returns all resources, ordered by namespace and name.
func (b *RuleBook) Resources() []*amkov1alpha1.GSLBHostRule {
	all := make([]*amkov1alpha1.GSLBHostRule, 0, len(b.entries))
	for _, e := range b.entries {
		all = append(all, e.resource)
	}
	slices.SortFunc(all, func(x, y *amkov1alpha1.GSLBHostRule) int {
		return cmp.Or(cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name))
	})
	return all
}

// FQDNs returns the FQDNs that have a rule with third-party members: they have a service even without any cluster's.
func (b *RuleBook) FQDNs() []string {
	var fqdns []string
	for fqdn := range b.byFQDN {
		if rule := b.Rule(fqdn); rule != nil && len(rule.ThirdParty) > 0 {
			fqdns = append(fqdns, fqdn)
		}
	}
	slices.Sort(fqdns)
	return fqdns
}

// Touched returns the FQDNs whose rule may have changed since the last call, sorted. The resources of these FQDNs may have
// another verdict than before.
func (b *RuleBook) Touched() []string {
	fqdns := make([]string, 0, len(b.touched))
	for fqdn := range b.touched {
		if fqdn != "" {
			fqdns = append(fqdns, fqdn)
		}
	}
	clear(b.touched)
	slices.Sort(fqdns)
	return fqdns
}
