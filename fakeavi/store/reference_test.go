package store_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestReferencesAreAcceptedInAllForms(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	hm := monitor(t, s, "my monitor")
	plus := monitor(t, s, "a+b")
	for text, want := range map[string]*store.Object{
		"/api/healthmonitor/" + hm.UUID:                          hm,
		"/api/healthmonitor/" + hm.UUID + "/":                    hm,
		"/api/healthmonitor/" + hm.UUID + "#my monitor":          hm,
		"https://10.0.0.1/api/healthmonitor/" + hm.UUID:          hm,
		"https://10.0.0.1/api/healthmonitor/" + hm.UUID + "#any": hm,
		"https:///api/healthmonitor/" + hm.UUID:                  hm,
		hm.UUID:                                                  hm,
		"/api/healthmonitor?name=my monitor":                     hm,
		"/api/healthmonitor?name=my%20monitor":                   hm,
		"/api/healthmonitor?name=my+monitor":                     hm,
		"/api/healthmonitor/?name=my monitor":                    hm,
		"/api/healthmonitor?name=my monitor#my monitor":          hm,
		"/api/healthmonitor/?tenant=admin&name=my%20monitor":     hm,
		"https://h:10443/api/healthmonitor?name=my monitor":      hm,
		"https:///api/healthmonitor/?name=my monitor":            hm,
		"//api/healthmonitor?name=my monitor":                    hm,
		"/api/healthmonitor?name=a+b":                            plus,
		"/api/healthmonitor?name=a%2Bb":                          plus,
	} {
		o, err := s.Create("gslbservice", body{"name": "gs", "health_monitor_refs": []any{text}})
		g.Expect(err).NotTo(HaveOccurred(), text)
		g.Expect(o.Body()["health_monitor_refs"]).To(Equal([]any{"/api/healthmonitor/" + want.UUID}), text)
		g.Expect(o.Targets()).To(Equal([]store.Target{{Type: "healthmonitor", UUID: want.UUID}}))
		_, err = s.Delete("gslbservice", o.UUID)
		g.Expect(err).NotTo(HaveOccurred())
	}
	for _, text := range []string{"", "x", "/api/", "/api/healthmonitor", "/api/healthmonitor/", "/api/healthmonitor?tenant=admin",
		"/api/healthmonitor/a/b", "/healthmonitor/" + hm.UUID, "healthmonitor-"} {
		_, err := s.Create("gslbservice", body{"name": "gs", "health_monitor_refs": []any{text}})
		g.Expect(err).To(WithTransform(store.StatusOf, Equal(400)), text)
	}
}

func TestReferencesByNameLookInTheTenantThenInAdmin(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	create(t, s, "tenant", body{"name": "blue"})
	create(t, s, "tenant", body{"name": "red"})
	admins, blues := monitor(t, s, "hm"), monitor(t, s, "hm", store.InTenant("blue"))
	for tenant, want := range map[string]*store.Object{"admin": admins, "blue": blues, "red": admins} {
		o := create(t, s, "gslbservice", body{"name": "gs", "health_monitor_refs": []any{"/api/healthmonitor?name=hm"}}, store.InTenant(tenant))
		g.Expect(o.Body()["health_monitor_refs"]).To(Equal([]any{"/api/healthmonitor/" + want.UUID}), tenant)
		g.Expect(o.Tenant).To(Equal(tenant))
	}
	monitor(t, s, "only blue", store.InTenant("blue"))
	_, err := s.Create("gslbservice", body{"name": "x", "health_monitor_refs": []any{"/api/healthmonitor?name=only blue"}})
	g.Expect(err).To(HaveOccurred())
}

func TestReferencesToUnknownTypesAreKept(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	_, known := s.Schema().Model("Webhook")
	g.Expect(known).To(BeFalse())
	for text, want := range map[string]string{
		"https://h/api/webhook/webhook-1#w": "/api/webhook/webhook-1#w",
		"/api/webhook?name=w":               "/api/webhook?name=w",
	} {
		o := create(t, s, "poolgroupdeploymentpolicy", body{"name": text, "webhook_ref": text})
		g.Expect(o.Body()).To(HaveKeyWithValue("webhook_ref", want))
	}
}

// FuzzParseReference checks that a reference that is understood stays the same when it is written in canonical form.
func FuzzParseReference(f *testing.F) {
	for _, seed := range []string{"/api/pool/pool-1", "https:///api/tenant/?name=a%20b", "pool-1", "/api/x?name=%zz&tenant=t&cloud=c", "#", "/api/a#b?name=c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := store.ParseReference(text)
		if err != nil {
			return
		}
		if ref.Type == "" || (ref.UUID == "") == (len(ref.Names) == 0) {
			t.Fatalf("%q: %+v", text, ref)
		}
		if ref.UUID == "" {
			return
		}
		again, err := store.ParseReference(store.Target{Type: ref.Type, UUID: ref.UUID}.Path())
		if err != nil || again.UUID != ref.UUID || again.Type != ref.Type {
			t.Fatalf("%q: %+v, then %+v, %v", text, ref, again, err)
		}
	})
}
