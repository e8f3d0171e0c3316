package control

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// readPolicies reads the policies and what they are judged by from the operator's own cluster, and judges them.
func (o *operator) readPolicies(ctx context.Context) error {
	var gdps amkov1alpha2.GlobalDeploymentPolicyList
	if err := o.client.List(ctx, &gdps, client.InNamespace(o.Namespace)); err != nil {
		return fmt.Errorf("read GlobalDeploymentPolicies: %w", err)
	}
	var rules amkov1alpha1.GSLBHostRuleList
	if err := o.client.List(ctx, &rules); err != nil {
		return fmt.Errorf("read GSLBHostRules: %w", err)
	}
	var spaces corev1.NamespaceList
	if err := o.client.List(ctx, &spaces); err != nil {
		return fmt.Errorf("read namespaces: %w", err)
	}
	clear(o.tenants)
	for i := range spaces.Items {
		if tenant := ingest.FromNamespace(&spaces.Items[i]).Tenant; tenant != "" {
			o.tenants[spaces.Items[i].Name] = tenant
		}
	}
	o.takeGlobal(gdps.Items)
	o.takeRules(rules.Items)
	o.refer()
	o.judge()
	return nil
}

func (o *operator) takeGlobal(items []amkov1alpha2.GlobalDeploymentPolicy) {
	var all []*amkov1alpha2.GlobalDeploymentPolicy
	for i := range items {
		all = append(all, &items[i])
	}
	chosen := policy.ChooseGlobal(all)
	if chosen == nil {
		o.global, o.gdpVerdict = nil, nil
	}
	if chosen == nil || o.gdp == nil || stateOf(chosen) != stateOf(o.gdp) {
		o.gdpJudged = false
	}
	o.gdp = chosen
	o.gdpOthers = slices.DeleteFunc(all, func(g *amkov1alpha2.GlobalDeploymentPolicy) bool { return g == chosen })
}

func (o *operator) takeRules(items []amkov1alpha1.GSLBHostRule) {
	present := map[types.NamespacedName]bool{}
	for i := range items {
		present[client.ObjectKeyFromObject(&items[i])] = true
	}
	for _, rule := range o.book.Resources() {
		if key := client.ObjectKeyFromObject(rule); !present[key] {
			o.book.Remove(key)
			delete(o.judged, key.String())
		}
	}
	o.rules = o.rules[:0]
	for i := range items {
		o.rules = append(o.rules, &items[i])
	}
	slices.SortFunc(o.rules, func(a, b *amkov1alpha1.GSLBHostRule) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
}

// judge judges the policies whose references are known. One that names an object which has not been looked for keeps the
// verdict that it had.
func (o *operator) judge() {
	if !o.able() || o.inventory == nil {
		return // the sites of the federation are not known
	}
	o.judgeGlobal()
	for _, rule := range o.rules {
		o.judgeRule(rule)
	}
	for _, fqdn := range o.book.Touched() {
		o.queue.Add(fqdn)
	}
	o.unpublished = true
}

func (o *operator) judgeGlobal() {
	if o.gdp == nil {
		return
	}
	tenant := o.tenantOf(o.gdp.Namespace)
	if o.gdpJudged = o.resolved(policy.GlobalReferences(o.gdp, tenant)); !o.gdpJudged {
		return
	}
	global, err := policy.CompileGlobal(o.gdp, tenant, &o.catalog)
	o.gdpVerdict = err
	switch {
	case err != nil:
		o.global = nil
	case o.global == nil || !reflect.DeepEqual(*o.global, global):
		o.global, o.everything, o.anew = &global, true, true
	}
}

func (o *operator) judgeRule(rule *amkov1alpha1.GSLBHostRule) {
	key, tenant := client.ObjectKeyFromObject(rule), o.tenantOf(rule.Namespace)
	by := fmt.Sprintf("%s/%s/%d", rule.ResourceVersion, tenant, o.edition)
	if o.judged[key.String()].by == by || !o.resolved(policy.RuleReferences(rule, tenant)) {
		return
	}
	o.judged[key.String()] = judgement{by, stateOf(rule)}
	compiled, err := policy.CompileRule(rule, tenant, &o.catalog)
	o.book.Set(rule, compiled, err)
}

// judgement is what a GSLBHostRule was judged by, and in which state of its own.
type judgement struct{ by, state string }

// stateOf tells what somebody wrote into an object from what it was before; statuses do not count.
func stateOf(o client.Object) string { return fmt.Sprintf("%s/%d", o.GetUID(), o.GetGeneration()) }

// tenantOf is the tenant of a namespace of the operator's own cluster.
func (o *operator) tenantOf(namespace string) string {
	if tenant := o.tenants[namespace]; tenant != "" {
		return tenant
	}
	return o.settings.tenant
}

// references are the objects of the controller that the policies name.
type references struct {
	// all of them; those that have not been looked for; those that were, and are no objects that policies may name. All
	// are sorted.
	all, unresolved, missing []policy.Reference
}

// refer notes the references anew, after policies or what is known of the controller have changed.
func (o *operator) refer() {
	var refs []policy.Reference
	if o.gdp != nil {
		refs = policy.GlobalReferences(o.gdp, o.tenantOf(o.gdp.Namespace))
	}
	for _, rule := range o.rules {
		refs = append(refs, policy.RuleReferences(rule, o.tenantOf(rule.Namespace))...)
	}
	slices.SortFunc(refs, policy.Reference.Compare)
	o.refs = references{all: slices.Compact(refs)}
	for _, ref := range o.refs.all {
		m, found := o.catalog.Found[ref]
		switch {
		case !o.looked[ref]:
			o.refs.unresolved = append(o.refs.unresolved, ref)
		case !found || ref.Type == policy.TypeMonitor && !m.Federated:
			o.refs.missing = append(o.refs.missing, ref)
		}
	}
}

func (o *operator) resolved(refs []policy.Reference) bool {
	return !slices.ContainsFunc(refs, func(ref policy.Reference) bool { return !o.looked[ref] })
}

// policy is the policy in force.
func (o *operator) policy() *policy.Policy {
	return &policy.Policy{
		Global: *o.global, Rule: o.book.Rule, CreatedBy: o.settings.createdBy, DefaultTenant: o.settings.tenant,
		DefaultPKI: o.pki,
	}
}
