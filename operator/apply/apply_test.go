package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

var ctx = context.Background()

func ExampleRun() {
	controller := avitest.New()
	client, err := avi.New(avi.Config{
		Address: "a", Username: "admin", Password: "secret",
		Transport: avitest.NewHosts(map[string]*avitest.Controller{"a": controller}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	wanted := []model.Wanted{service(false, []string{"/"}, 3, 1)}
	view := plan.NewInventory(owner).View(fqdn, wanted)
	for range 2 { // the second run finds nothing to do
		err := apply.Run(ctx, client, view, wanted, func(c plan.Call) { fmt.Println(c.Verb, c.Type) })
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// POST healthmonitor
	// POST gslbservice
}

// steps are states that a service goes through in its life; between any two of them an operator must find its way.
var steps = map[string][]model.Wanted{
	"nothing":       nil,
	"one path":      {service(false, []string{"/"}, 1)},
	"two members":   {service(false, []string{"/"}, 3, 1)},
	"three paths":   {service(false, []string{"/", "/a", "/b"}, 3, 1)},
	"tls":           {service(true, []string{"/"}, 3, 1)},
	"no monitors":   {service(false, nil, 1)},
	"tcp":           {portService(model.ProbeTCP, 80)},
	"other port":    {portService(model.ProbeTCP, 81)},
	"udp":           {portService(model.ProbeUDP, 80)},
	"other tenant":  {inTenant("blue", service(false, []string{"/"}, 1))},
	"users monitor": {withRef(service(false, nil, 1), "mine")},
}

func inTenant(tenant string, w model.Wanted) model.Wanted {
	w.Service.Key.Tenant = tenant
	for i := range w.Monitors {
		w.Monitors[i].Key.Tenant = tenant
	}
	return w
}

func withRef(w model.Wanted, names ...string) model.Wanted {
	w.Service.Monitors = names
	return w
}

const (
	post, put, del       = "POST gslbservice", "PUT gslbservice/U", "DELETE gslbservice/U"
	postHM, putHM, delHM = "POST healthmonitor", "PUT healthmonitor/U", "DELETE healthmonitor/U"
)

var transitions = []struct {
	from, to string
	calls    []string
}{
	{"nothing", "one path", []string{postHM, post}},
	{"one path", "one path", nil},
	{"one path", "two members", []string{put}},
	{"two members", "three paths", []string{postHM, postHM, put}},
	{"three paths", "two members", []string{put, delHM, delHM}},
	{"two members", "tls", []string{postHM, put, delHM}},
	{"one path", "nothing", []string{del, delHM}},
	{"one path", "no monitors", []string{put, delHM}},
	{"one path", "users monitor", []string{put, delHM}},
	{"tcp", "other port", []string{putHM}},
	{"tcp", "udp", []string{put, delHM, postHM, put}},
	{"one path", "other tenant", []string{del, postHM, post, delHM}},
}

func TestCallsOfATransition(t *testing.T) {
	for _, tt := range transitions {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			g := NewWithT(t)
			controller, client := connect(g)
			controller.Put("healthmonitor", "admin", map[string]any{"name": "mine", "is_federated": true})
			inventory := plan.NewInventory(owner)
			for i, step := range []string{tt.from, tt.to} {
				controller.Calls()
				preview, err := plan.Preview(inventory.View(fqdn, steps[step]), steps[step])
				g.Expect(err).NotTo(HaveOccurred())
				view := inventory.View(fqdn, steps[step])
				g.Expect(apply.Run(ctx, client, view, steps[step], nil)).To(Succeed())
				inventory.Merge(view)
				if i == 1 {
					calls := anonymous(controller.Calls())
					g.Expect(calls).To(Equal(tt.calls))
					g.Expect(preview).To(HaveLen(len(tt.calls)), "the preview says the same")
				}
			}
		})
	}
}

// anonymous replaces uuids by U.
func anonymous(calls []string) []string {
	for i, call := range calls {
		if at := strings.IndexByte(call, '/'); at >= 0 {
			calls[i] = call[:at+1] + "U"
		}
	}
	return calls
}

// TestEveryTransitionSurvivesEveryFault walks from each state to each other one, lets each call of the way fail in each
// manner, and then lets an operator that knows what it knew, or one that starts anew, finish.
func TestEveryTransitionSurvivesEveryFault(t *testing.T) {
	faults := map[string]avitest.Fault{
		"dropped":               {Drop: true},
		"dropped after applied": {Drop: true, Applied: true},
		"server error":          {Status: 500, Message: "boom"},
		"cut off":               {Status: 200, Raw: `{"uuid":"x`, Applied: true},
		"empty":                 {Status: 200, Applied: true},
		"not found":             {Status: 404, Message: "not found"},
		"conflict":              {Status: 409, Message: "conflict"},
		"stale":                 {Status: 412, Message: "concurrent update"},
		"throttled":             {Status: 429},
		"session":               {Status: 401},
	}
	for _, tt := range transitions {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			want := clean(NewWithT(t), tt.from, tt.to)
			for name, fault := range faults {
				for position := range tt.calls {
					for _, restart := range []bool{false, true} {
						g := NewWithT(t)
						got := faulty(g, tt.from, tt.to, fault, position, restart)
						g.Expect(got).To(Equal(want), "%s at call %d, restart %v", name, position, restart)
					}
				}
			}
		})
	}
}

func prepare(g Gomega, from string) (*avitest.Controller, *avi.Client, *plan.Inventory) {
	controller, client := connect(g)
	controller.Put("healthmonitor", "admin", map[string]any{"name": "mine", "is_federated": true})
	inventory := read(g, client)
	view := inventory.View(fqdn, steps[from])
	g.Expect(apply.Run(ctx, client, view, steps[from], nil)).To(Succeed())
	inventory.Merge(view)
	return controller, client, inventory
}

func clean(g Gomega, from, to string) []string {
	controller, client, inventory := prepare(g, from)
	g.Expect(apply.Run(ctx, client, inventory.View(fqdn, steps[to]), steps[to], nil)).To(Succeed())
	return append(controller.Objects("gslbservice"), controller.Objects("healthmonitor")...)
}

func faulty(g Gomega, from, to string, fault avitest.Fault, position int, restart bool) []string {
	controller, client, inventory := prepare(g, from)
	n := -1
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Verb == "GET" || r.Path == "login" {
			return nil
		}
		if n++; n == position {
			return &fault
		}
		return nil
	})
	view := inventory.View(fqdn, steps[to])
	if apply.Run(ctx, client, view, steps[to], nil) != nil {
		inventory.Merge(view)
		if restart {
			inventory = read(g, client)
		}
		view = inventory.View(fqdn, steps[to])
		g.Expect(apply.Run(ctx, client, view, steps[to], nil)).To(Succeed(), "%+v at call %d, restart %v", fault, position, restart)
	}
	return append(controller.Objects("gslbservice"), controller.Objects("healthmonitor")...)
}

func TestWhatPeopleChangeMeanwhileIsKept(t *testing.T) {
	g := NewWithT(t)
	controller, client, inventory := prepare(g, "two members")
	controller.Edit("gslbservice", "admin", fqdn, func(o map[string]any) { o["ttl"] = 77 })
	wanted := steps["one path"]
	g.Expect(apply.Run(ctx, client, inventory.View(fqdn, wanted), wanted, nil)).To(Succeed())
	g.Expect(controller.Objects("gslbservice")[0]).To(ContainSubstring(`"ttl":77`))
	g.Expect(anonymous(controller.Calls())).To(HaveLen(4), "two creations, one refused as stale, one accepted")
}

func TestObjectsThatWereDeletedByHandComeBack(t *testing.T) {
	for _, kind := range []string{"gslbservice", "healthmonitor"} {
		g := NewWithT(t)
		controller, client, inventory := prepare(g, "one path")
		if kind == "healthmonitor" {
			name := steps["one path"][0].Monitors[0].Key.Name
			controller.Edit("gslbservice", "admin", fqdn, func(o map[string]any) { o["health_monitor_refs"] = []any{} })
			controller.Remove(kind, "admin", name)
		} else {
			controller.Remove(kind, "admin", fqdn)
		}
		wanted := steps["two members"]
		g.Expect(apply.Run(ctx, client, inventory.View(fqdn, wanted), wanted, nil)).To(Succeed(), kind)
		g.Expect(controller.Objects("gslbservice")[0]).To(ContainSubstring(wanted[0].Monitors[0].Key.Name))
		g.Expect(controller.Names("healthmonitor")).To(ContainElement("admin/" + wanted[0].Monitors[0].Key.Name))
	}
}

func TestSomebodyElsesObjectsStand(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	controller.Put("gslbservice", "admin", map[string]any{"name": fqdn, "created_by": "amko-other"})
	err := apply.Run(ctx, client, plan.NewInventory(owner).View(fqdn, nil), steps["one path"], nil)
	g.Expect(err).To(MatchError(ContainSubstring(`gslbservice "shop.example.com" of tenant admin was made by amko-other`)))
	g.Expect(controller.Objects("gslbservice")[0]).To(ContainSubstring("amko-other"))

	controller, client = connect(g)
	name := steps["one path"][0].Monitors[0].Key.Name
	controller.Put("healthmonitor", "admin", map[string]any{
		"name": name, "is_federated": true, "markers": []any{map[string]any{"key": "created-by", "values": []any{"amko-other"}}},
	})
	err = apply.Run(ctx, client, read(g, client).View(fqdn, steps["one path"]), steps["one path"], nil)
	var foreign *plan.ForeignError
	g.Expect(errors.As(err, &foreign)).To(BeTrue())
	g.Expect(foreign.CreatedBy).To(Equal("amko-other"))
	g.Expect(controller.Calls()).To(BeEmpty())
}

// TestARefusedServiceGathersNoMonitors wants other monitors of a service again and again which the controller does not take.
//
// Shows: own-removal
func TestARefusedServiceGathersNoMonitors(t *testing.T) {
	for name, fault := range map[string]*avitest.Fault{
		"somebody else's": nil, "refused": {Status: 400, Message: "no"}, "name taken": {Status: 400, Message: "domain name conflicting with existing domain name"},
	} {
		g := NewWithT(t)
		controller, client := connect(g)
		if fault == nil {
			controller.Put("gslbservice", "admin", map[string]any{"name": fqdn, "created_by": "somebody"})
		}
		controller.OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Path == "gslbservice" && r.Verb == "POST" {
				return fault
			}
			return nil
		})
		inventory := plan.NewInventory(owner)
		for _, step := range []string{"one path", "three paths", "tls", "other port"} {
			wanted := steps[step]
			view := inventory.View(fqdn, wanted)
			g.Expect(apply.Run(ctx, client, view, wanted, nil)).NotTo(Succeed(), name)
			inventory.Merge(view)
			g.Expect(controller.Names("healthmonitor")).To(HaveLen(len(wanted[0].Monitors)), "%s: %s", name, step)
		}
	}
}

func TestAControllerThatDoesNotKeepWhatIsWritten(t *testing.T) {
	g := NewWithT(t)
	controller, client, _ := prepare(g, "one path")
	inventory := read(g, client)
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Verb == "PUT" {
			return &avitest.Fault{Status: 200, Raw: controller1(r.Body)}
		}
		return nil
	})
	wanted := steps["two members"]
	err := apply.Run(ctx, client, inventory.View(fqdn, wanted), wanted, nil)
	g.Expect(err).To(MatchError(ContainSubstring("does not keep what is written to description, groups")))
}

// controller1 is a reply in which nothing has changed but the stamp.
func controller1(string) string {
	return `{"uuid":"gslbservice-0003","name":"shop.example.com","created_by":"` + mark + `","_last_modified":"9",
		"health_monitor_refs":["/api/healthmonitor?name=` + steps["one path"][0].Monitors[0].Key.Name + `"],
		"domain_names":["shop.example.com"],"groups":[],"is_federated":true,"controller_health_status_enabled":true,
		"pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","health_monitor_scope":"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS"}`
}

func TestReleaseTakesOnlyNamesOff(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	old := service(false, []string{"/"}, 1)
	old.Service.DomainNames = []string{"a.example.com", "b.example.com", fqdn}
	inventory := plan.NewInventory(owner)
	view := inventory.View(fqdn, []model.Wanted{old})
	g.Expect(apply.Run(ctx, client, view, []model.Wanted{old}, nil)).To(Succeed())
	controller.Calls()
	wanted := service(false, []string{"/"}, 5)
	wanted.Service.DomainNames = []string{"b.example.com", "c.example.com", fqdn}
	err := apply.Release(ctx, client, view, []model.Wanted{wanted}, []string{"a.example.com", "b.example.com"}, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(controller.Calls()).To(HaveLen(1))
	g.Expect(view.Services["admin"].DomainNames).To(Equal([]string{"b.example.com", fqdn}))
	g.Expect(controller.Objects("gslbservice")[0]).To(ContainSubstring(`"ratio":1`))
}
