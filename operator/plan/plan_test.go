package plan_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

const (
	shop = "shop.example.com"
	mine = "amko-11111111-2222-3333-4444-555555555555"
)

var owner = plan.Owner{CreatedBy: mine, Clusters: map[string]bool{"east": true, "west": true}}

// wanted is a service with a monitor for each path and one member in east for each address.
func wanted(tenant, fqdn string, paths []string, vips ...string) model.Wanted {
	key := model.Key{Tenant: tenant, Name: fqdn}
	w := model.Wanted{Service: model.Service{Key: key, CreatedBy: mine, DomainNames: []string{fqdn}}}
	pool := model.Pool{Priority: 10, Algorithm: model.RoundRobin, MinMonitorsUp: 2}
	for i, vip := range vips {
		name := fmt.Sprint("shop", i)
		w.Service.Sources = append(w.Service.Sources, model.Source{Kind: model.Ingress, Cluster: "east", Namespace: "web", Name: name, Host: fqdn})
		pool.Members = append(pool.Members, model.Member{VIP: netip.MustParseAddr(vip), Ratio: 1})
	}
	w.Service.Pools = []model.Pool{pool}
	for _, path := range paths {
		w.Monitors = append(w.Monitors, model.PathMonitor(key, mine, path, false))
	}
	for _, m := range w.Monitors {
		w.Service.Monitors = append(w.Service.Monitors, m.Key.Name)
	}
	slices.Sort(w.Service.Monitors)
	return w
}

// service and monitor are objects as a controller returns them.
func service(g Gomega, text string) model.StoredService {
	s, err := model.ParseService([]byte(text), "admin")
	g.Expect(err).NotTo(HaveOccurred())
	return s
}

func monitor(g Gomega, text string) model.StoredMonitor {
	m, err := model.ParseMonitor([]byte(text), "admin")
	g.Expect(err).NotTo(HaveOccurred())
	return m
}

// held are the stored forms of what is wanted.
func held(g Gomega, v *plan.Inventory, w model.Wanted) {
	with := func(body json.RawMessage, uuid string) []byte {
		d := map[string]any{}
		g.Expect(json.Unmarshal(body, &d)).To(Succeed())
		d["uuid"], d["tenant_ref"] = uuid, "https://c/api/tenant/"+w.Service.Key.Tenant+"#"+w.Service.Key.Tenant
		out, err := json.Marshal(d)
		g.Expect(err).NotTo(HaveOccurred())
		return out
	}
	s := service(g, string(with(w.Service.Body(), "gslbservice-"+w.Service.Key.String())))
	v.AddService(s)
	for _, m := range w.Monitors {
		v.AddMonitor(monitor(g, string(with(m.Body(), "healthmonitor-"+m.Key.String()))))
	}
}

// calls are the calls of a preview as text, monitors by what they probe.
func calls(g Gomega, v *plan.Inventory, fqdn string, want ...model.Wanted) []string {
	list, err := plan.Preview(v.View(fqdn, want), want)
	g.Expect(err).NotTo(HaveOccurred())
	out := []string{}
	for _, c := range list {
		text := c.String()
		for _, path := range []string{"/", "/a", "/b", "/c"} {
			text = strings.ReplaceAll(text, model.PathMonitor(model.Key{Name: fqdn}, "", path, false).Key.Name, path)
		}
		out = append(out, text)
	}
	return out
}

// Shows: own-removal, B4, better-idempotent
func TestTheOrderOfCalls(t *testing.T) {
	g := NewWithT(t)
	v := plan.NewInventory(owner)
	one := wanted("admin", shop, []string{"/"}, "10.1.0.1")
	g.Expect(calls(g, v, shop, one)).To(Equal([]string{"POST healthmonitor admin//", "POST gslbservice admin/" + shop}))
	held(g, v, one)
	g.Expect(calls(g, v, shop, one)).To(BeEmpty(), "what is held is not written")
	g.Expect(calls(g, v, shop, wanted("admin", shop, []string{"/a"}, "10.1.0.2"))).To(Equal([]string{
		"POST healthmonitor admin//a", "PUT gslbservice admin/" + shop + " (groups, health_monitor_refs)", "DELETE healthmonitor admin//",
	}))
}

// Shows: tenant-move
func TestATenantSetsTheNameFreeFirst(t *testing.T) {
	g := NewWithT(t)
	v := plan.NewInventory(owner)
	held(g, v, wanted("blue", shop, []string{"/"}, "10.1.0.1"))
	g.Expect(calls(g, v, shop, wanted("admin", shop, []string{"/"}, "10.1.0.1"))).To(Equal([]string{
		"DELETE gslbservice blue/" + shop, "POST healthmonitor admin//", "POST gslbservice admin/" + shop, "DELETE healthmonitor blue//",
	}))
	g.Expect(calls(g, v, shop)).To(Equal([]string{"DELETE gslbservice blue/" + shop, "DELETE healthmonitor blue//"}))
}

// Shows: own-service
func TestOwnershipOfServices(t *testing.T) {
	g := NewWithT(t)
	for _, tt := range []struct {
		createdBy, description string
		owns, deletes          bool
	}{
		{mine, "", true, true},
		{mine + "0", "", false, false},
		{"amko-1", "INGRESS/east/web/shop/a", false, false},
		{"", "INGRESS/east/web/shop/a", false, false},
		{"amko-gslb", "INGRESS/east/web/shop/a", true, true},
		{"amko-gslb", "INGRESS/east/web/shop/a,LBSVC/mars/web/shop", true, false},
		{"amko-gslb", "", true, false},
		{"Amko-gslb", "INGRESS/east/web/shop/a", false, false},
	} {
		s := service(g, fmt.Sprintf(`{"uuid":"u","name":"a","created_by":%q,"description":%q}`, tt.createdBy, tt.description))
		g.Expect(owner.Owns(s)).To(Equal(tt.owns), "%+v", tt)
		g.Expect(owner.MayDelete(s)).To(Equal(tt.deletes), "%+v", tt)
		v := plan.NewInventory(owner)
		v.AddService(s)
		g.Expect(len(v.Services("a")) > 0).To(Equal(tt.owns))
	}
}

// Shows: own-monitor, B12, trace-monitor-taken-over, better-exact-ownership
func TestB12_OwnershipOfMonitors(t *testing.T) {
	g := NewWithT(t)
	key := model.Key{Tenant: "admin", Name: shop}
	path, port := model.PathMonitor(key, mine, "/", false).Key.Name, model.PortMonitor(key, mine, model.ProbeTCP, 53).Key.Name
	marked := func(by string) string { return `,"markers":[{"key":"created-by","values":["` + by + `"]}]` }
	const about = `"description":"created by: amko, gsname: shop.example.com, path: /, protocol: http"`
	for name, tt := range map[string]struct {
		text string
		owns bool
	}{
		"own":                               {`"name":"` + path + `",` + about + marked(mine), true},
		"own, whatever it says":             {`"name":"amko--x","description":"changed"` + marked(mine), true},
		"another instance's":                {`"name":"` + path + `",` + about + marked("amko-2"), false},
		"a longer mark":                     {`"name":"` + path + `",` + about + marked(mine+"0"), false},
		"unmarked, exact name":              {`"name":"` + path + `",` + about, true},
		"unmarked, port":                    {`"name":"` + port + `","type":"HEALTH_MONITOR_TCP","monitor_port":53,"description":"created by: amko, gsname: shop.example.com"`, true},
		"unmarked, another path":            {`"name":"` + path + `","description":"created by: amko, gsname: shop.example.com, path: /x, protocol: http"`, false},
		"unmarked, another service":         {`"name":"` + path + `","description":"created by: amko, gsname: shop.example.com.uk, path: /, protocol: http"`, false},
		"unmarked, another name":            {`"name":"amko--mine",` + about, false},
		"a user's name with the FQDN":       {`"name":"x--shop.example.com",` + about, false},
		"a user's with the operator's mark": {`"name":"mine",` + about + marked(mine), false},
		"passthrough of another instance":   {`"name":"amko--passthrough-hm-tcp-2","description":"created by: amko"`, false},
	} {
		m := monitor(g, `{"uuid":"u",`+tt.text+`}`)
		g.Expect(owner.OwnsMonitor(m)).To(Equal(tt.owns), name)
		v := plan.NewInventory(owner)
		v.AddMonitor(m)
		g.Expect(len(v.FQDNs()) > 0).To(Equal(tt.owns && m.Service != ""), name)
		g.Expect(len(calls(g, v, shop)) > 0).To(Equal(tt.owns && m.Service == shop), "%s: is it deleted with the service?", name)
	}
	v := plan.NewInventory(owner)
	v.AddMonitor(monitor(g, `{"uuid":"u","name":"`+path+`",`+about+marked("amko-2")+`}`))
	_, err := plan.Next(v.View(shop, []model.Wanted{wanted("admin", shop, []string{"/"}, "10.1.0.1")}), []model.Wanted{wanted("admin", shop, []string{"/"}, "10.1.0.1")})
	g.Expect(err).To(MatchError(ContainSubstring("was made by amko-2; rename or remove it")), "it is not taken over")
}

// What AMKO 2.2.1 made, in the bytes that it sends and a controller gives back.
const (
	amkoMonitor = `{"uuid":"healthmonitor-1","_last_modified":"1700000000000002","url":"https://c/api/healthmonitor/healthmonitor-1#amko--%s",
		"allow_duplicate_monitors":true,"description":"created by: amko, gsname: app1.gslb.test, path: /, protocol: http","failed_checks":3,
		"http_monitor":{"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX","HTTP_3XX"]},"is_federated":true,
		"markers":[{"key":"created-by","values":["` + mine + `"]}],"monitor_port":80,"name":"amko--%[1]s","receive_timeout":4,
		"send_interval":10,"successful_checks":3,"tenant_ref":"https://c/api/tenant/admin#admin","type":"HEALTH_MONITOR_HTTP"}`
	amkoService = `{"uuid":"gslbservice-1","_last_modified":"1700000000000003","controller_health_status_enabled":true,"created_by":"` + mine + `",
		"description":"INGRESS/west/web/app1/app1.gslb.test,INGRESS/east/web/app1/app1.gslb.test","domain_names":["app1.gslb.test"],"enabled":true,
		"groups":[{"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true,"members":[{"enabled":true,"ip":{"addr":"10.9.0.1","type":"V4"},"ratio":1}],
		"min_health_monitors_up":2,"name":"amko-gs-group-1","priority":1},{"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true,"members":[
		{"cluster_uuid":"cluster-w","enabled":true,"ip":{"addr":"10.2.0.1","type":"V4"},"ratio":5,"vs_uuid":"virtualservice-w"},
		{"cluster_uuid":"cluster-e","enabled":true,"ip":{"addr":"10.1.0.1","type":"V4"},"ratio":10,"vs_uuid":"virtualservice-e"}],
		"min_health_monitors_up":2,"name":"amko-gs-group-10","priority":10}],
		"health_monitor_refs":["https://c/api/healthmonitor/healthmonitor-1#amko--%s"],
		"health_monitor_scope":"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS","is_federated":true,"min_members":0,"name":"app1.gslb.test",
		"pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","resolve_cname":false,"site_persistence_enabled":false,"ttl":30,
		"tenant_ref":"https://c/api/tenant/admin#admin","use_edns_client_subnet":true,"wildcard_match":false}`
	amkoName = "0013fba8f527d240fd5542613475ce53a7506660"
)

// app1 is what a policy wants of the service that AMKO made above.
func app1() model.Wanted {
	w := wanted("admin", "app1.gslb.test", []string{"/"})
	ttl := uint32(30)
	w.Service.TTL = &ttl
	for _, cluster := range []string{"east", "west"} {
		w.Service.Sources = append(w.Service.Sources, model.Source{Kind: model.Ingress, Cluster: cluster, Namespace: "web", Name: "app1", Host: "app1.gslb.test"})
	}
	w.Service.Pools = []model.Pool{
		{Priority: 10, Algorithm: model.RoundRobin, MinMonitorsUp: 2, Members: []model.Member{
			{VIP: netip.MustParseAddr("10.1.0.1"), Ratio: 10, Controller: "cluster-e", VirtualService: "virtualservice-e"},
			{VIP: netip.MustParseAddr("10.2.0.1"), Ratio: 5, Controller: "cluster-w", VirtualService: "virtualservice-w"},
		}},
		{Priority: 1, Algorithm: model.RoundRobin, MinMonitorsUp: 2, Members: []model.Member{{VIP: netip.MustParseAddr("10.9.0.1"), Ratio: 1}}},
	}
	return w
}

// Shows: own-adopt, B4, monitor-names
func TestWhatAMKOMadeIsTakenOverWithoutAWrite(t *testing.T) {
	g := NewWithT(t)
	w := app1()
	g.Expect(w.Service.Monitors).To(Equal([]string{"amko--" + amkoName}), "the name is AMKO's")
	v := plan.NewInventory(owner)
	v.AddMonitor(monitor(g, fmt.Sprintf(amkoMonitor, amkoName)))
	v.AddService(service(g, fmt.Sprintf(amkoService, amkoName)))
	g.Expect(v.FQDNs()).To(Equal([]string{"app1.gslb.test"}))
	g.Expect(calls(g, v, "app1.gslb.test", w)).To(BeEmpty())

	w.Service.Pools[0].Members[0].Ratio = 11
	g.Expect(calls(g, v, "app1.gslb.test", w)).To(Equal([]string{"PUT gslbservice admin/app1.gslb.test (description, groups, markers)"}))
	g.Expect(calls(g, v, "app1.gslb.test")).To(HaveLen(2), "and can be removed")
}

// Shows: own-adopt
func TestAMKOsOldServicesGetTheOperatorsMark(t *testing.T) {
	g := NewWithT(t)
	old := strings.Replace(fmt.Sprintf(amkoService, amkoName), mine, plan.LegacyCreatedBy, 1)
	unmarked := strings.Replace(fmt.Sprintf(amkoMonitor, amkoName), `"markers":[{"key":"created-by","values":["`+mine+`"]}],`, "", 1)
	v := plan.NewInventory(owner)
	v.AddMonitor(monitor(g, unmarked))
	v.AddService(service(g, old))
	g.Expect(calls(g, v, "app1.gslb.test", app1())).To(Equal([]string{
		"PUT healthmonitor admin// (markers)", "PUT gslbservice admin/app1.gslb.test (created_by, markers)",
	}))
}

// Shows: own-removal
func TestUnusedSharedMonitors(t *testing.T) {
	g := NewWithT(t)
	v := plan.NewInventory(owner)
	g.Expect(v.Unused(nil)).To(BeNil())
	shared := model.PassthroughMonitor("admin", mine)
	add := func(by, name string) {
		v.AddMonitor(monitor(g, fmt.Sprintf(`{"uuid":"healthmonitor-%s","name":%q,"description":"created by: amko","markers":[{"key":"created-by","values":[%q]}]}`, name, name, by)))
	}
	add("amko-2", "amko--passthrough-hm-tcp-2")
	add(mine, shared.Key.Name)
	user := wanted("admin", shop, nil, "10.1.0.1")
	user.Service.Monitors = []string{shared.Key.Name}
	held(g, v, user)
	s := v.Services(shop)[0]
	s.NameRefs(user.Service.Monitors)
	v.AddService(s)
	g.Expect(v.Unused(nil)).To(BeNil(), "one is in use, the other is somebody else's")
	g.Expect(calls(g, v, shop)).To(Equal([]string{"DELETE gslbservice admin/" + shop}))

	view := v.View(shop, nil)
	view.Gone(&plan.Call{Type: plan.TypeService, Key: s.Key})
	v.Merge(view)
	left := v.Unused(nil)
	g.Expect(left).NotTo(BeNil())
	call, err := plan.Next(left, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(call.String()).To(Equal("DELETE healthmonitor " + shared.Key.String()))
	left.Gone(call)
	v.Merge(left)
	g.Expect(v.Unused(nil)).To(BeNil())
}

// From whatever is held, a plan ends; after it nothing is left to do; it writes each object once, touches nothing that is not the
// owner's, and deletes no monitor that a service still refers to.
//
// Shows: own-order, B4
func TestPlansEndAndStayInTheirBounds(t *testing.T) {
	for seed := range uint64(120) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 4))
		some := func() []model.Wanted {
			var out []model.Wanted
			for _, tenant := range []string{"admin", "blue"} {
				if random.IntN(3) == 0 {
					continue
				}
				paths := []string{"/", "/a", "/b", "/c"}[random.IntN(4):]
				out = append(out, wanted(tenant, shop, paths, []string{"10.1.0.1", "10.1.0.2", "2001:db8::1"}[random.IntN(3):]...))
			}
			return out
		}
		v := plan.NewInventory(owner)
		for _, w := range some() {
			held(g, v, w)
		}
		foreign := service(g, `{"uuid":"gslbservice-of-a-user","name":"shop.example.com","created_by":"me","tenant_ref":"https://c/api/tenant/green#green"}`)
		v.AddService(foreign)
		want := some()
		view := v.View(shop, want)
		list, err := plan.Preview(view, want)
		g.Expect(err).NotTo(HaveOccurred())
		seen := map[string]bool{}
		deleting := false
		for _, c := range list {
			g.Expect(seen[c.Type+c.Key.String()]).To(BeFalse(), "seed %d: %s twice", seed, c)
			seen[c.Type+c.Key.String()] = true
			g.Expect(c.UUID).NotTo(Equal(foreign.UUID))
			deleting = deleting || c.Verb == plan.Delete && c.Type == plan.TypeMonitor
			g.Expect(deleting && c.Type == plan.TypeService).To(BeFalse(), "seed %d: monitors go last", seed)
		}
		again, err := plan.Preview(view, want)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(again).To(Equal(list), "a preview changes nothing")
	}
}
