package store_test

import (
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

type body = map[string]any

func newStore() *store.Store { return store.New(store.Config{Namespace: "test"}) }

func create(t testing.TB, s *store.Store, typ string, b body, options ...store.Option) *store.Object {
	t.Helper()
	o, err := s.Create(typ, b, options...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func monitor(t testing.TB, s *store.Store, name string, options ...store.Option) *store.Object {
	t.Helper()
	return create(t, s, "healthmonitor", body{"name": name, "type": "HEALTH_MONITOR_PING", "is_federated": true}, options...)
}

// refused matches an error with a status and a text.
func refused(status int, text any) types.GomegaMatcher {
	return SatisfyAll(MatchError(text), WithTransform(store.StatusOf, Equal(status)))
}

func TestCreate(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	in := body{"name": "a.test", "uuid": "mine", "url": "https://x/y", "_last_modified": "1", "configpb_attributes": body{"version": 9}}
	o := create(t, s, "gslbservice", in)
	g.Expect(o.UUID).To(MatchRegexp(`^gslbservice-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`))
	g.Expect(o.Name).To(Equal("a.test"))
	g.Expect(o.Tenant).To(Equal("admin"))
	g.Expect(o.Federated).To(BeTrue())
	g.Expect(o.Body()).To(HaveKeyWithValue("uuid", o.UUID))
	g.Expect(o.Body()).To(HaveKeyWithValue("enabled", true))
	g.Expect(o.Body()).To(HaveKeyWithValue("configpb_attributes", body{"version": int64(1)}))
	g.Expect(o.Body()).NotTo(HaveKey("url"))
	g.Expect(in).To(HaveKeyWithValue("uuid", "mine"), "the input is not changed")

	got, ok := s.Get("gslbservice", o.UUID)
	g.Expect(ok).To(BeTrue())
	g.Expect(got).To(BeIdenticalTo(o))
	_, ok = s.Get("healthmonitor", o.UUID)
	g.Expect(ok).To(BeFalse())
	g.Expect(s.Len("gslbservice")).To(Equal(1))
	g.Expect(s.NameOf(o.UUID)).To(Equal("a.test"))
	g.Expect(s.NameOf("nothing")).To(BeEmpty())
}

func TestCreateRefuses(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	monitor(t, s, "hm")
	for _, tc := range []struct {
		typ    string
		body   body
		status int
		text   string
	}{
		{"nosuchtype", body{}, 404, `resource not found: there is no object type "nosuchtype"`},
		{"healthmonitor", body{"name": "hm", "type": "HEALTH_MONITOR_TCP"}, 409, "Health monitor with this Name and Tenant ref already exists."},
		{"healthmonitor", body{"name": "x"}, 400, "HealthMonitor: type is required"},
		{"healthmonitor", body{"name": "x", "type": "HEALTH_MONITOR_TCP", "tenant_ref": "/api/tenant?name=t"}, 403, "Tenant 't' does not exist!"},
		{"healthmonitor", body{"name": "x", "type": "HEALTH_MONITOR_TCP", "tenant_ref": "/api/tenant/tenant-1"}, 403, "Tenant 'tenant-1' does not exist!"},
		{"healthmonitor", body{"name": "x", "type": "HEALTH_MONITOR_TCP", "tenant_ref": "admin"}, 400,
			`tenant_ref: "admin" is not a reference to a tenant`},
		{"gslbservice", body{"name": "x", "health_monitor_refs": []any{"/api/healthmonitor?name=no"}}, 400,
			"HealthMonitor object not found! (health_monitor_refs[0]: /api/healthmonitor?name=no)"},
		{"gslbservice", body{"name": "x", "health_monitor_refs": []any{"/api/pool?name=hm"}}, 400,
			`health_monitor_refs[0]: "/api/pool?name=hm" is a reference to pool, not to healthmonitor`},
		{"gslbservice", body{"name": "x", "health_monitor_refs": []any{"hm"}}, 400,
			`health_monitor_refs[0]: "hm" is not a reference of the form /api/<type>/<uuid> or /api/<type>?name=<name>`},
		{"pool", body{"name": "x", "vrf_ref": "/api/vrfcontext?name=no"}, 400, "VrfContext not found! (vrf_ref: /api/vrfcontext?name=no)"},
	} {
		before := s.Version()
		_, err := s.Create(tc.typ, tc.body)
		g.Expect(err).To(refused(tc.status, tc.text))
		g.Expect(s.Version()).To(Equal(before), "nothing is stored")
	}
	_, err := s.Create("healthmonitor", body{"name": "x", "type": "HEALTH_MONITOR_TCP"}, store.InTenant("t"))
	g.Expect(err).To(refused(403, "Tenant 't' does not exist!"))
	old, err := schema.ParseVersion("17.1.1")
	g.Expect(err).NotTo(HaveOccurred())
	_, err = s.Create("gslbservice", body{"name": "x", "is_federated": true}, store.AsOf(old))
	g.Expect(err).To(refused(400, "GslbService: is_federated does not exist in API version 17.1.1"))
}

func TestNamesAreUniqueWithinTenantAndCloud(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	create(t, s, "tenant", body{"name": "blue"})
	a := monitor(t, s, "hm")
	b := monitor(t, s, "hm", store.InTenant("blue"))
	g.Expect(a.UUID).NotTo(Equal(b.UUID))
	found, ok := s.Lookup("healthmonitor", "blue", "hm")
	g.Expect(ok).To(BeTrue())
	g.Expect(found.UUID).To(Equal(b.UUID))

	create(t, s, "cloud", body{"name": "Default-Cloud", "vtype": "CLOUD_NONE"})
	create(t, s, "cloud", body{"name": "other", "vtype": "CLOUD_NONE"})
	one := create(t, s, "vrfcontext", body{"name": "global"})
	two := create(t, s, "vrfcontext", body{"name": "global", "cloud_ref": "/api/cloud?name=other"})
	_, err := s.Create("vrfcontext", body{"name": "global"})
	g.Expect(err).To(refused(409, "Vrf context with this Name and Tenant ref already exists."))

	pool := create(t, s, "pool", body{"name": "p", "cloud_ref": "/api/cloud?name=other", "vrf_ref": "/api/vrfcontext?name=global"})
	g.Expect(pool.Body()["vrf_ref"]).To(Equal("/api/vrfcontext/"+two.UUID), "the same cloud is preferred")
	pool = create(t, s, "pool", body{"name": "p", "vrf_ref": "/api/vrfcontext?name=global"})
	g.Expect(pool.Body()["vrf_ref"]).To(Equal("/api/vrfcontext/" + one.UUID))
	pool = create(t, s, "pool", body{"name": "q", "vrf_ref": "/api/vrfcontext?name=global&cloud=other"})
	g.Expect(pool.Body()["vrf_ref"]).To(Equal("/api/vrfcontext/" + two.UUID))
}

func TestUUIDsAreDerived(t *testing.T) {
	g := NewWithT(t)
	first, second := newStore(), newStore()
	a, b := monitor(t, first, "hm"), monitor(t, second, "hm")
	g.Expect(a.UUID).To(Equal(b.UUID))
	other := store.New(store.Config{Namespace: "other"})
	g.Expect(monitor(t, other, "hm").UUID).NotTo(Equal(a.UUID))

	seen := map[string]bool{a.UUID: true}
	for range 3 {
		_, err := first.Delete("healthmonitor", a.UUID)
		g.Expect(err).NotTo(HaveOccurred())
		a = monitor(t, first, "hm")
		g.Expect(seen).NotTo(HaveKey(a.UUID), "a successor has another uuid")
		seen[a.UUID] = true
	}
	_, err := first.Update("healthmonitor", a.UUID, body{"name": "renamed", "type": "HEALTH_MONITOR_PING"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(monitor(t, first, "hm").UUID).NotTo(Equal(a.UUID), "the old name is free, its uuid is not")
}

func TestUUIDsStayUniqueWhenNamesAreForgotten(t *testing.T) {
	g := NewWithT(t)
	s := store.New(store.Config{Limits: store.Limits{DeletedNames: 2}})
	seen := map[string]bool{}
	for range 4 {
		for _, name := range []string{"a", "b", "c"} {
			o := monitor(t, s, name)
			g.Expect(seen).NotTo(HaveKey(o.UUID))
			seen[o.UUID] = true
			_, err := s.Delete("healthmonitor", o.UUID)
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
}

func TestWithUUID(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	o := monitor(t, s, "a", store.WithUUID("healthmonitor-1"))
	g.Expect(o.UUID).To(Equal("healthmonitor-1"))
	_, err := s.Create("healthmonitor", body{"name": "b", "type": "HEALTH_MONITOR_PING"}, store.WithUUID("healthmonitor-1"))
	g.Expect(err).To(refused(409, "Health monitor with uuid healthmonitor-1 already exists."))
}

func TestModifiedIsStrictlyIncreasing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands still
		g := NewWithT(t)
		s := newStore()
		last := int64(0)
		o := monitor(t, s, "hm")
		for range 5 {
			g.Expect(o.Modified).To(BeNumerically(">", last))
			last = o.Modified
			var err error
			o, err = s.Update("healthmonitor", o.UUID, o.Body())
			g.Expect(err).NotTo(HaveOccurred())
		}
	})
}

func TestUpdateReplacesTheWholeObject(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	o := create(t, s, "gslbservice", body{"name": "a", "ttl": 5, "description": "x", "enabled": false})
	changed, err := s.Update("gslbservice", o.UUID, body{"name": "a"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(changed.Body()).NotTo(HaveKey("ttl"))
	g.Expect(changed.Body()).NotTo(HaveKey("description"))
	g.Expect(changed.Body()).To(HaveKeyWithValue("enabled", true))
	g.Expect(changed.Body()).To(HaveKeyWithValue("configpb_attributes", body{"version": int64(2)}))
	g.Expect(o.Body()).To(HaveKeyWithValue("enabled", false), "the old state is as it was")
}

func TestUpdateRefuses(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	create(t, s, "tenant", body{"name": "blue"})
	monitor(t, s, "taken")
	o := monitor(t, s, "hm")
	ping := func(extra body) body {
		b := body{"name": "hm", "type": "HEALTH_MONITOR_PING"}
		for k, v := range extra {
			b[k] = v
		}
		return b
	}
	_, err := s.Update("healthmonitor", "healthmonitor-no", ping(nil))
	g.Expect(err).To(refused(404, "HealthMonitor object not found!"))
	_, err = s.Update("healthmonitor", o.UUID, ping(body{"_last_modified": "1"}))
	g.Expect(err).To(refused(412, ContainSubstring("concurrent update")))
	g.Expect(err).To(MatchError(ContainSubstring("Need to reload object data HealthMonitor")))
	_, err = s.Update("healthmonitor", o.UUID, ping(body{"_last_modified": o.Body()["_last_modified"]}))
	g.Expect(err).NotTo(HaveOccurred())
	_, err = s.Update("healthmonitor", o.UUID, ping(body{"name": "taken"}))
	g.Expect(err).To(refused(409, "Health monitor with this Name and Tenant ref already exists."))
	_, err = s.Update("healthmonitor", o.UUID, ping(body{"tenant_ref": "/api/tenant?name=blue"}))
	g.Expect(err).To(refused(400, "HealthMonitor hm: the tenant of an object can not be changed"))
	tenant, _ := s.Lookup("tenant", "admin", "blue")
	_, err = s.Update("tenant", tenant.UUID, body{"name": "green"})
	g.Expect(err).To(refused(400, "the name of a tenant can not be changed"))
}

func TestSecretsSurviveTheEcho(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	site := func(password string) body {
		return body{"name": "s", "cluster_uuid": "c", "username": "admin", "password": password}
	}
	o := create(t, s, "gslb", body{"name": "Default", "leader_cluster_uuid": "c", "sites": []any{site("secret")}})
	o, err := s.Update("gslb", o.UUID, body{"name": "Default", "leader_cluster_uuid": "c", "sites": []any{site(schema.Masked)}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(o.Body()["sites"].([]any)[0]).To(HaveKeyWithValue("password", "secret"))
}

func TestDelete(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	hm := monitor(t, s, "hm")
	gs := create(t, s, "gslbservice", body{"name": "gs", "health_monitor_refs": []any{"/api/healthmonitor?name=hm"}})
	create(t, s, "tenant", body{"name": "blue"})
	blue, _ := s.Lookup("tenant", "admin", "blue")
	owned := monitor(t, s, "hm", store.InTenant("blue"))

	g.Expect(s.ReferredBy(hm.UUID)).To(ConsistOf(gs))
	_, err := s.Delete("healthmonitor", hm.UUID)
	g.Expect(err).To(refused(http.StatusForbidden, "Cannot delete, object is referred by: ['GslbService gs']"))
	_, err = s.Delete("tenant", blue.UUID)
	g.Expect(err).To(refused(http.StatusForbidden, "Cannot delete, object is referred by: ['1 objects of the tenant']"))
	_, err = s.Delete("tenant", "admin")
	g.Expect(err).To(refused(http.StatusForbidden, "Cannot delete tenant admin"))
	_, err = s.Delete("gslbservice", "gslbservice-no")
	g.Expect(err).To(refused(http.StatusNotFound, "GslbService object not found!"))

	for _, o := range []*store.Object{gs, hm, owned, blue} {
		last, err := s.Delete(o.Type, o.UUID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(last.UUID).To(Equal(o.UUID))
		_, ok := s.Get(o.Type, o.UUID)
		g.Expect(ok).To(BeFalse())
	}
	g.Expect(s.ReferredBy(hm.UUID)).To(BeEmpty())
}

func TestObjectLimit(t *testing.T) {
	g := NewWithT(t)
	s := store.New(store.Config{Limits: store.Limits{Objects: 2}})
	monitor(t, s, "a")
	_, err := s.Create("healthmonitor", body{"name": "b", "type": "HEALTH_MONITOR_PING"})
	g.Expect(err).To(refused(400, "the controller's limit of 2 objects is reached"))
}

func TestErrorTexts(t *testing.T) {
	g := NewWithT(t)
	for _, tc := range []struct {
		err    *store.Error
		status int
		text   string
	}{
		{store.NotLeader(), 400, "Config Operations can be done ONLY on leader"},
		{store.Maintenance(), 400, "GSLB system is in maintenance mode."},
		{store.DomainConflict("a.test", "gs"), 400, "domain name conflicting with existing domain name"},
		{store.Duplicate("HealthMonitor", "x"), 409, "Health monitor with this Name and Tenant ref already exists"},
		{store.NoFreeIPs(), 400, "No available free IPs"},
		{store.MissingTarget("VrfContext", "p", "r"), 400, "VrfContext not found"},
		{store.MissingTarget("Network", "p", "r"), 400, "Network object not found"},
		{store.NotFound("VsVip"), 404, "VsVip object not found"},
		{store.MissingTarget("Pool", "p", "r"), 400, "Pool object not found!"},
		{store.VipIDChanged(), 400, "Changing an existing VIP's vip_id is not supported"},
		{store.Upgrading(), 403, "Configuration is disallowed during upgrade"},
		{store.UnknownTenant("x"), 403, "Tenant 'x' does not exist!"},
		{store.Stale("VsVip", "x"), 412, "Need to reload object data VsVip"},
		{store.Stale("VsVip", "x"), 412, "concurrent update"},
	} {
		g.Expect(tc.err).To(refused(tc.status, MatchRegexp(regexp.QuoteMeta(tc.text))))
	}
	g.Expect(store.Duplicate("PKIProfile", "x")).To(MatchError(HavePrefix("Pki profile with")))
	g.Expect(store.Duplicate("VSDataScriptSet", "x")).To(MatchError(HavePrefix("Vs data script set with")))
	g.Expect(store.StatusOf(http.ErrBodyNotAllowed)).To(Equal(500))
}
