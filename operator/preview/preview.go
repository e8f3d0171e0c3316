package preview

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/member"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// Plan is what an operator would change.
type Plan struct {
	// Changes are ordered by tenant, FQDN, type and name.
	Changes []Change `json:"changes"`
	// Unchanged is how many objects are as they are wanted already.
	Unchanged int `json:"unchanged"`
	// Problems are what the operator would refuse, or could not do, and why.
	Problems []Problem `json:"problems"`
	// Notes say what was taken for granted.
	Notes []string `json:"notes"`
}

// Problem is something that would not be done.
type Problem struct {
	// Object is a resource or an FQDN.
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// Make makes a plan. The error says that the input is not enough to make one, or that the controller cannot be asked; the
// controller is only read. Equal input gives an equal plan.
func Make(ctx context.Context, in Input) (*Plan, error) {
	p := &planner{in: in, plan: &Plan{Changes: []Change{}, Problems: []Problem{}, Notes: []string{}}}
	if p.in.Namespace == "" {
		p.in.Namespace = defaultNamespace
	}
	if p.in.Controller == nil {
		p.in.Controller = newSnapshot(nil)
	}
	for _, step := range []func(context.Context) error{p.settle, p.readController, p.readMembers, p.judge} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	p.compare()
	return p.plan, nil
}

// planner is one run of Make.
type planner struct {
	in   Input
	plan *Plan

	own       own
	config    *amkov1alpha1.GSLBConfig
	createdBy string
	tenant    string
	clusters  map[string]bool

	catalog   policy.Catalog
	pki       string
	inventory *plan.Inventory
	index     *ingest.Index
	open      open

	global *policy.Global
	book   *policy.RuleBook
}

func (p *planner) note(format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, fmt.Sprintf(format, args...))
}

func (p *planner) problem(object string, reason error) {
	p.plan.Problems = append(p.plan.Problems, Problem{object, reason.Error()})
}

// settle reads the operator's own objects.
func (p *planner) settle(context.Context) (err error) {
	if p.own, err = readOwn(p.in.Own, p.in.Namespace); err != nil {
		return err
	}
	if p.config = p.own.config(); p.config == nil {
		return fmt.Errorf("there is no GSLBConfig in namespace %s: it names the member clusters and the controller", p.in.Namespace)
	}
	if !p.own.leads() {
		return errors.New("the AMKOCluster says that this operator does not lead, and so it would change nothing; plan with the leader's files")
	}
	p.tenant = defaultTenant
	if t := p.config.Spec.GSLBLeader.Tenant; t != nil && *t != "" {
		p.tenant = *t
	}
	p.clusters = map[string]bool{}
	for _, m := range p.config.Spec.MemberClusters {
		if m.ClusterContext != "" {
			p.clusters[m.ClusterContext] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.in.Members)) {
		if !p.clusters[name] {
			return fmt.Errorf("cluster %s is no member cluster of GSLBConfig %s (%s)", name, p.config.Name, strings.Join(slices.Sorted(maps.Keys(p.clusters)), ", "))
		}
	}
	return nil
}

// readController reads what the controller holds.
func (p *planner) readController(ctx context.Context) error {
	view, err := p.in.Controller.Federation(ctx)
	if err != nil && !errors.Is(err, errNoFederation) {
		return err
	}
	if err == nil && !view.Leads() {
		return fmt.Errorf("the controller does not lead: %w", view.NotLeaderError())
	}
	p.catalog = policy.Catalog{Clusters: p.clusters, Sites: map[string]bool{}, Found: map[policy.Reference]model.StoredMonitor{}}
	for _, site := range view.ThirdParty {
		p.catalog.Sites[site] = true
	}
	p.identify()
	services, unread, err := p.in.Controller.Services(ctx, p.createdBy, plan.LegacyCreatedBy)
	if err != nil {
		return err
	}
	monitors, more, err := p.in.Controller.Monitors(ctx)
	if err != nil {
		return err
	}
	for _, problem := range append(unread, more...) {
		p.problem("controller", problem)
	}
	if p.pki, err = p.in.Controller.FirstPKI(ctx); err != nil {
		return err
	}
	p.inventory = plan.NewInventory(plan.Owner{CreatedBy: p.createdBy, Clusters: p.clusters})
	for _, s := range services {
		p.inventory.AddService(s)
	}
	for _, m := range monitors {
		p.inventory.AddMonitor(m)
	}
	return p.lookUp(ctx)
}

// identify finds the mark of the operator's objects. Without the annotation a running operator would derive it from its
// cluster, which no file tells.
func (p *planner) identify() {
	if uuid := p.config.Annotations[uuidAnnotation]; uuid != "" {
		p.createdBy = createdByPrefix + uuid
		return
	}
	if s, ok := p.in.Controller.(*Snapshot); ok {
		for _, mark := range s.CreatedBy() {
			if strings.HasPrefix(mark, createdByPrefix) && mark != plan.LegacyCreatedBy {
				p.createdBy = mark
				p.note("GSLBConfig %s has no annotation %s: taken for the operator whose services the controller has, %s", p.config.Name, uuidAnnotation, mark)
				return
			}
		}
	}
	p.createdBy = createdByPrefix + "00000000-0000-0000-0000-000000000000"
	p.note("GSLBConfig %s has no annotation %s: taken for a new operator, which owns nothing yet", p.config.Name, uuidAnnotation)
}

// lookUp looks for what policies name.
func (p *planner) lookUp(ctx context.Context) error {
	for _, ref := range p.own.references(p.tenantOf) {
		body, err := p.in.Controller.Visible(ctx, ref.Type, ref.Tenant, ref.Name)
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		var m model.StoredMonitor
		if ref.Type == policy.TypeMonitor {
			if m, err = model.ParseMonitor(body, ref.Tenant); err != nil {
				return err
			}
		}
		p.catalog.Found[ref] = m
	}
	return nil
}

func (p *planner) tenantOf(namespace string) string {
	if tenant := p.own.tenants[namespace]; tenant != "" {
		return tenant
	}
	return p.tenant
}

// readMembers reads the objects of the member clusters.
func (p *planner) readMembers(context.Context) error {
	mapped := p.config.Spec.UseCustomGlobalFqdn
	p.index = ingest.NewIndex(mapped != nil && *mapped)
	p.open = newOpen(p.inventory)
	for _, name := range slices.Sorted(maps.Keys(p.clusters)) {
		objects, given := p.in.Members[name]
		if !given {
			p.note("cluster %s is not given: its members stay as they are", name)
			continue
		}
		for _, err := range member.Deliver(name, p.open.served(name, objects), into{p.index, name}) {
			p.problem("cluster "+name, err)
		}
	}
	return nil
}

// judge judges the policies.
func (p *planner) judge(context.Context) error {
	p.book = policy.NewRuleBook()
	for _, rule := range p.own.rules {
		compiled, err := policy.CompileRule(rule, p.tenantOf(rule.Namespace), &p.catalog)
		p.book.Set(rule, compiled, err)
	}
	for _, rule := range p.book.Resources() {
		if err := p.book.Verdict(types.NamespacedName{Namespace: rule.Namespace, Name: rule.Name}); err != nil {
			p.problem(fmt.Sprintf("GSLBHostRule %s/%s", rule.Namespace, rule.Name), err)
		}
	}
	chosen := policy.ChooseGlobal(p.own.policies)
	for _, gdp := range p.own.policies {
		if gdp != chosen {
			p.problem("GlobalDeploymentPolicy "+gdp.Name, policy.ErrSecondPolicy)
		}
	}
	if chosen == nil {
		p.problem("GlobalDeploymentPolicy", fmt.Errorf("there is none in namespace %s: the operator would change nothing", p.in.Namespace))
		return nil
	}
	global, err := policy.CompileGlobal(chosen, p.tenantOf(chosen.Namespace), &p.catalog)
	if err != nil {
		p.problem("GlobalDeploymentPolicy "+chosen.Name, fmt.Errorf("%w: the operator would change nothing", err))
		return nil
	}
	p.global = &global
	return nil
}

// compare plans every FQDN.
func (p *planner) compare() {
	if p.global == nil {
		return
	}
	want := policy.Policy{Global: *p.global, Rule: p.book.Rule, CreatedBy: p.createdBy, DefaultTenant: p.tenant, DefaultPKI: p.pki}
	clusters := p.knownClusters()
	fqdns := slices.Concat(p.index.FQDNs(), p.inventory.FQDNs(), p.book.FQDNs())
	slices.Sort(fqdns)
	for _, fqdn := range slices.Compact(fqdns) {
		wanted := want.Desired(fqdn, clusters)
		view := p.inventory.View(fqdn, wanted)
		calls, err := plan.Preview(view, wanted)
		if err != nil {
			p.problem(fqdn, err)
		}
		changes := p.changes(fqdn, view, calls)
		p.plan.Changes = append(p.plan.Changes, changes...)
		p.plan.Unchanged += unchanged(view, changes)
	}
	p.plan.Changes = sortChanges(p.plan.Changes)
	p.plan.Notes = append(p.plan.Notes, p.open.notes(p.plan.Changes)...)
}

// unchanged is how many objects of a view are the operator's, are of its FQDN, and do not change.
func unchanged(v *plan.View, changes []Change) int {
	var keys []model.Key
	for _, s := range v.Services {
		keys = append(keys, s.Key)
	}
	for _, m := range v.Monitors {
		if m.Service == v.FQDN && v.Owner.OwnsMonitor(m) {
			keys = append(keys, m.Key)
		}
	}
	return len(slices.DeleteFunc(keys, func(key model.Key) bool {
		return slices.ContainsFunc(changes, func(c Change) bool { return c.Tenant == key.Tenant && c.Name == key.Name })
	}))
}

// into puts what is delivered into the index.
type into struct {
	index   *ingest.Index
	cluster string
}

var _ member.Sink = into{}

// Begin implements member.Sink.
func (i into) Begin() {}

// Object implements member.Sink.
func (i into) Object(key ingest.Object, candidates []ingest.Candidate) {
	i.index.SetObject(key, candidates)
}

// Namespace implements member.Sink.
func (i into) Namespace(name string, ns *ingest.Namespace) { i.index.SetNamespace(i.cluster, name, ns) }

// HostRule implements member.Sink.
func (i into) HostRule(namespace, name string, rule *ingest.HostRule) {
	i.index.SetHostRule(i.cluster, namespace, name, rule)
}

// Ready implements member.Sink.
func (i into) Ready() {}

// Silent implements member.Sink.
func (i into) Silent(error) {}
