package control_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// life is a random life of an operator. What can happen stands in its alphabet; a seed decides what does.
type life struct {
	*world
	random *rand.Rand
	log    []string
	// sites are the controllers, also those that are away; leading is the name of the one that leads.
	sites   map[string]*avitest.Controller
	leading string
	// Some lives have a cluster with OpenShift, and services that are imported.
	openShift, imports bool
	// second is the world of another operator, that follows in cluster west; nil: there is none. Sometimes it takes over.
	second *world
	// secondLeads is what its AMKOCluster says.
	secondLeads bool
	byFollower  atomic.Int64 // calls that it made
	// made counts the kinds of objects that services were made of, after each event.
	made map[string]int
}

var (
	uuids    = regexp.MustCompile(`(healthmonitor|gslbservice)-\d+`)
	hosts    = []string{"a.example.com", "b.example.com", "c.example.com", "d.example.com", foreign}
	clusters = []string{"east", "west"}
)

// foreign is the name of a service that somebody else has made.
const foreign = "foreign.example.com"

func newLife(t *testing.T, seed uint64) *life {
	l := &life{
		world: newWorld(t), random: rand.New(rand.NewPCG(seed, 0)), leading: "a",
		openShift: seed%3 > 0, imports: seed%2 == 1, made: map[string]int{},
	}
	l.sites = map[string]*avitest.Controller{"a": l.avi(), "b": avitest.New()}
	l.controllers.Put("b", l.sites["b"])
	l.federate()
	for _, c := range l.sites {
		furnish(c)
	}
	if seed%8 == 2 || seed%8 == 7 {
		l.second = l.withFollower()
		l.second.options.Observe.Called = func(plan.Call) { l.byFollower.Add(1) }
	}
	l.furnishClusters()
	l.options.MultiClusterIngress = l.imports
	for _, w := range l.operators() {
		if l.maybe() {
			w.options.HoldMembers = 20 * time.Minute
		}
	}
	return l
}

// happening is something that may happen.
type happening struct {
	name string
	do   func()
}

func (l *life) alphabet() []happening {
	return slices.Concat(l.objectEvents(), l.policyEvents(), l.faultEvents(), []happening{
		{"restart", l.restart}, {"restart", l.restart}, {"healing", l.heal}, {"healing", l.heal},
		{"follower takes over", l.takeOver}, {"follower takes over", l.takeOver},
	})
}

// event does one thing, and lets some time pass.
func (l *life) event() {
	e := pick(l, l.alphabet())
	e.do()
	d := pick(l, []time.Duration{0, 0, time.Millisecond, 250 * time.Millisecond, 3 * time.Second, time.Minute, 40 * time.Minute})
	l.log = append(l.log, fmt.Sprintf("%s, then %s", e.name, d))
	l.pass(d)
	l.outcome().count(l.made)
}

func pick[T any](l *life, list []T) T { return list[l.random.IntN(len(list))] }

func (l *life) maybe() bool { return l.random.IntN(2) == 0 }

// one says yes once in n times.
func (l *life) one(n int) bool { return l.random.IntN(n) == 0 }

// outcome is what a life ends with.
type outcome struct {
	// Own are the objects that the operator made on the controller that leads, Others those that it did not make.
	Own, Others []string
	// Verdicts are the statuses of configuration and policies.
	Verdicts []string
	// Imports are the ServiceImports.
	Imports []string
	// Followed says whether the follower holds the configuration, where there is one.
	Followed string
}

func (l *life) outcome() outcome {
	var out outcome
	out.Own, out.Others = objects(l.sites[l.leading])
	for _, resource := range []string{"gslbconfigs", "globaldeploymentpolicies", "gslbhostrules"} {
		for _, o := range l.own.List(resource) {
			out.Verdicts = append(out.Verdicts, fmt.Sprint(o["metadata"].(map[string]any)["name"], " ", verdictOf(o)))
		}
	}
	if l.imports {
		for _, o := range l.own.List("serviceimports") {
			out.Imports = append(out.Imports, text(o["spec"]))
		}
	}
	if l.second != nil {
		out.Followed = l.step("GDP Federation") + l.step("GSLBHostRule Federation")
	}
	return out
}

// count counts the kinds of objects that services were made of.
func (o outcome) count(into map[string]int) {
	for _, kind := range []string{"INGRESS/", "LBSVC/", "ROUTE/", "MCI/", "HTTPROUTE/", "TLSROUTE/", "TCPROUTE/"} {
		for _, service := range o.Own {
			if strings.Contains(service, `"`+kind) || strings.Contains(service, ","+kind) {
				into[kind]++
			}
		}
	}
	if len(o.Imports) > 0 {
		into["import"]++
	}
}

// verdictOf is the status of an object, without times, generations and what is told of the way to the controller.
func verdictOf(o map[string]any) string {
	status, _ := o["status"].(map[string]any)
	words := []string{text(status["state"]), text(status["errorStatus"]), text(status["status"]), text(status["error"])}
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		c := c.(map[string]any)
		words = append(words, fmt.Sprintf("%v=%v %v", c["type"], c["status"], c["reason"]))
	}
	return strings.Join(words, " ")
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// objects are all objects that operators made, and all others, without what differs by chance.
func objects(c *avitest.Controller) (own, others []string) {
	for _, kind := range []string{"gslbservice", "healthmonitor"} {
		for _, object := range c.Objects(kind) {
			if strings.Contains(object, mark) {
				own = append(own, uuids.ReplaceAllString(object, "$1-N"))
			} else {
				others = append(others, object)
			}
		}
	}
	slices.Sort(own)
	return own, others
}

// furnish gives a controller what people have made there.
func furnish(c *avitest.Controller) {
	monitor := func(name, kind string, more map[string]any) {
		o := map[string]any{"name": name, "is_federated": true, "type": kind}
		for key, value := range more {
			o[key] = value
		}
		c.Put("healthmonitor", "admin", o)
	}
	monitor("mine", "HEALTH_MONITOR_TCP", nil)
	monitor("amko--"+foreign, "HEALTH_MONITOR_TCP", nil)
	monitor("web", "HEALTH_MONITOR_HTTPS", map[string]any{"https_monitor": map[string]any{
		"http_request": "HEAD / HTTP/1.1", "http_response_code": []any{"HTTP_2XX", "HTTP_3XX"},
	}})
	for _, kind := range []string{"applicationpersistenceprofile", "pkiprofile"} {
		c.Put(kind, "admin", map[string]any{"name": "sticky", "is_federated": true})
	}
	c.Put("gslbservice", "admin", map[string]any{
		"name": foreign, "created_by": "somebody", "domain_names": []any{foreign}, "description": "INGRESS/east/web/x/" + foreign,
		"groups": []any{map[string]any{"name": "g", "priority": 10, "members": []any{}}},
	})
}

// federate makes both sites know who leads.
func (l *life) federate() {
	for i, name := range []string{"a", "b"} {
		l.sites[name].Set(func(s *avitest.Settings) {
			s.Self, s.Leader = fmt.Sprint("cluster-", i+1), map[string]string{"a": "cluster-1", "b": "cluster-2"}[l.leading]
			s.View++
			s.ThirdParty = []string{"cdn"}
			s.Sites = []avitest.Site{{Name: "site-a", Cluster: "cluster-1", Address: "a"}, {Name: "site-b", Cluster: "cluster-2", Address: "b"}}
		})
	}
}

// operators are the worlds of the operators, the one that leads in the end first.
func (l *life) operators() []*world {
	if l.second == nil {
		return []*world{l.world}
	}
	return []*world{l.world, l.second}
}

// start starts all operators.
func (l *life) start() {
	for _, w := range l.operators() {
		w.start()
	}
}

// end ends all operators.
func (l *life) end() {
	for _, w := range l.operators() {
		w.stop()
	}
}

// restart ends an operator at any point, and starts another one in its place.
func (l *life) restart() { pick(l, l.operators()).restart() }

// takeOver moves the leadership to the operator in cluster west by hand, perhaps after everything of the other one has gone. At
// that moment nothing else is wrong, or it would hardly ever get to work; what comes after goes wrong as ever.
func (l *life) takeOver() {
	if l.second == nil {
		return
	}
	l.heal()
	l.pass(2 * time.Minute)
	if l.maybe() {
		l.world.stop()
		l.own.SetDown(true)
		defer l.world.start() // it comes back before its cluster does
	}
	l.leads(false)
	l.rival(true)
	for range 5 {
		pick(l, []func(){l.ingress, l.ingress, l.service, l.rule, l.deletion})()
		l.pass(pick(l, []time.Duration{0, time.Second, time.Minute}))
	}
}

// home is where configuration and policies are edited: with the operator that leads, sometimes in the copies of the other one.
func (l *life) home() *kubetest.Server {
	if l.second != nil && l.secondLeads != l.one(4) {
		return l.second.own
	}
	return l.own
}

// heal ends all faults, and leaves a valid policy and settings that lead.
func (l *life) heal() {
	l.own.OnRequest(nil)
	l.own.SetDown(false)
	for _, m := range l.members {
		m.OnRequest(nil)
		m.SetDown(false)
	}
	for name, c := range l.sites {
		l.controllers.Put(name, c)
		c.OnRequest(nil)
		c.Replicate(l.sites[l.leading])
		c.Set(func(s *avitest.Settings) { s.Password, s.Maintenance = "secret", false })
	}
	l.federate()
	l.rival(false)
	l.leads(true)
	for _, w := range l.operators() {
		w.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
	}
	l.own.Apply(l.config(clusters))
	l.own.Delete(secondPolicy())
	change := l.validPolicy()
	l.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
		if l.maybe() {
			vipOnly(s) // with it more is selected
		}
		change(s)
	}))
}

// settleDown heals, and puts all namespaces in one tenant: of two that claim a name the one that came first has it.
func (l *life) settleDown() {
	for _, cluster := range clusters {
		for _, name := range []string{"web", "lab"} {
			ns := namespace(name, nil)
			ns.Labels = map[string]string{"stage": "live"}
			l.members[cluster].Apply(ns)
		}
	}
	l.heal()
}

// beginAnew leaves clusters and policies as they are, and puts an empty controller where there were two. The operator has
// stopped.
func (l *life) beginAnew() {
	clean := avitest.New()
	furnish(clean)
	l.sites, l.leading = map[string]*avitest.Controller{"a": clean, "b": avitest.New()}, "a"
	l.federate()
	for name, c := range l.sites {
		l.controllers.Put(name, c)
	}
	if l.imports {
		for _, o := range l.own.List("serviceimports") {
			name := o["metadata"].(map[string]any)["name"].(string)
			l.own.Delete(&akov1alpha1.ServiceImport{ObjectMeta: metaIn(system, name)})
		}
	}
}

// leads says in the AMKOCluster whether this operator leads.
func (l *life) leads(yes bool) {
	if l.second != nil {
		l.own.Apply(amkoClusterOf("east", yes))
		return
	}
	l.own.Apply(amkoCluster(yes))
}

// rival has the operator of the other cluster claim that it leads too, or step back.
func (l *life) rival(yes bool) {
	if l.second != nil {
		l.second.own.Apply(amkoClusterOf("west", yes))
		l.secondLeads = yes
	}
}

// secondPolicy is a policy beside the one that is there.
func secondPolicy() *amkov1alpha2.GlobalDeploymentPolicy {
	p := gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(77)) })
	p.Name = "another"
	return p
}

// config is a GSLBConfig with some member clusters, and with a random mode and tenant.
func (l *life) config(members []string) *amkov1alpha1.GSLBConfig {
	c := gslbConfig()
	c.Spec.UseCustomGlobalFqdn = ptr(l.one(4))
	c.Spec.GSLBLeader.Tenant = pick(l, []*string{nil, nil, nil, ptr("green")})
	c.Spec.MemberClusters = nil
	for _, name := range members {
		c.Spec.MemberClusters = append(c.Spec.MemberClusters, amkov1alpha1.MemberCluster{ClusterContext: name})
	}
	return c
}
