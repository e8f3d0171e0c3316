package fakeavi_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// alone runs f with one freshly installed controller.
func alone(t *testing.T, f func(*world, *region, *GomegaWithT)) {
	t.Helper()
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		f(w, w.add(), w.g)
	})
}

func TestFreshlyInstalledController(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		for typ, names := range map[string][]string{
			"tenant":                        {"admin"},
			"cloud":                         {"Default-Cloud"},
			"network":                       {"vip-network"},
			"ipamdnsproviderprofile":        {"Default-IPAM"},
			"vrfcontext":                    {"global"},
			"serviceenginegroup":            {"dns-group", "app-group"},
			"applicationprofile":            {"System-HTTP", "System-Secure-HTTP", "System-L4-Application", "System-DNS"},
			"networkprofile":                {"System-TCP-Proxy", "System-UDP-Per-Pkt"},
			"applicationpersistenceprofile": {"System-Persistence-Client-IP"},
			"healthmonitor": {"System-HTTP", "System-HTTPS", "System-GSLB-Ping", "System-GSLB-TCP", "System-GSLB-UDP",
				"System-GSLB-HTTP", "System-GSLB-HTTPS"},
			"virtualservice": {"dns"},
			"cluster":        {"cluster-region01"},
		} {
			for _, name := range names {
				_, ok := r.Store().Lookup(typ, "admin", name)
				g.Expect(ok).To(BeTrue(), "%s %s", typ, name)
			}
		}
		federated, _ := r.Store().Lookup("healthmonitor", "admin", "System-GSLB-HTTP")
		g.Expect(federated.Federated).To(BeTrue())
		g.Expect(r.Store().Len("gslb")).To(BeZero())
		g.Expect(r.ClusterUUID()).To(HavePrefix("cluster-"))
	})
}

func TestDNSAnswersForLocalVirtualServices(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		w.Pass(time.Second)
		g.Expect(w.askOnce(r, "web.region01.example")).To(Equal("NXDOMAIN"))
		w.deploy()
		g.Expect(r.patch(w, "virtualservice", r.appVS, map[string]any{
			"dns_info": []any{map[string]any{"fqdn": "web.region01.example"}},
		})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(w.askOnce(r, "web.region01.example")).To(Equal("region01"))
		w.Now(func() {
			_, err := r.Store().Delete("virtualservice", r.appVS)
			g.Expect(err).NotTo(HaveOccurred())
		})
		w.Pass(time.Second)
		g.Expect(w.askOnce(r, "web.region01.example")).To(Equal("NXDOMAIN"))
	})
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	address := []netip.Addr{addr(1, 9, 1)}
	for want, cfg := range map[string]fakeavi.Config{
		"Addresses must have at least one": {Name: "c"},
		"Password is required":             {Name: "c", Addresses: address},
		"Scheduler, Wire and Prober":       {Name: "c", Addresses: address, Password: "p"},
	} {
		_, err := fakeavi.New(cfg, fakeavi.Deps{})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
}

func TestTwoEnginesOfOneNameAreRefused(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		_, err := fakeavi.New(fakeavi.Config{
			Addresses: []netip.Addr{addr(1, 9, 1)}, Password: "p",
			Engines: []fakeavi.EngineConfig{{Name: "a", Addr: addr(1, 9, 2)}, {Name: "a", Addr: addr(1, 9, 3)}},
		}, fakeavi.Deps{Scheduler: w, Wire: w.wire, Prober: w})
		w.g.Expect(err).To(MatchError(ContainSubstring("two engines are named a")))
	})
}

func TestVIPsAreAllocatedAndGivenBack(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		auto := func(name string) (string, error) {
			var o *store.Object
			var err error
			w.Now(func() {
				o, err = r.Store().Create("vsvip", map[string]any{
					"name": name, "vip": []any{map[string]any{"vip_id": "1", "auto_allocate_ip": true}},
				})
			})
			if err != nil {
				return "", err
			}
			vip := o.Body()["vip"].([]any)[0].(map[string]any)
			return vip["ip_address"].(map[string]any)["addr"].(string), nil
		}
		for i, want := range []string{"10.1.0.100", "10.1.0.101", "10.1.0.102"} {
			got, err := auto(string(rune('a' + i)))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(want))
		}
		_, err := auto("d")
		g.Expect(err).To(MatchError(ContainSubstring("No available free IPs")))
		b, _ := r.Store().Lookup("vsvip", "admin", "b")
		w.Now(func() {
			_, err := r.Store().Update("vsvip", b.UUID, map[string]any{
				"name": "b", "vip": []any{map[string]any{"vip_id": "1", "auto_allocate_ip": true}},
			})
			g.Expect(err).NotTo(HaveOccurred())
		})
		again, _ := r.Store().Lookup("vsvip", "admin", "b")
		g.Expect(again.Body()["vip"]).To(Equal(b.Body()["vip"]), "an update keeps the address")
		w.Now(func() { _, _ = r.Store().Delete("vsvip", b.UUID) })
		got, err := auto("d")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(got).To(Equal("10.1.0.101"))
	})
}

func TestFailedWriteGivesItsAddressBack(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		w.Now(func() {
			refused := errRefused{}
			r.Store().Admit(func(op store.Op, _, now *store.Object) error {
				if now != nil && now.Name == "refused" {
					return refused
				}
				return nil
			})
			for range 5 {
				_, err := r.Store().Create("vsvip", map[string]any{
					"name": "refused", "vip": []any{map[string]any{"vip_id": "1", "auto_allocate_ip": true}},
				})
				g.Expect(err).To(MatchError(refused))
			}
			o, err := r.Store().Create("vsvip", map[string]any{
				"name": "taken", "vip": []any{map[string]any{"vip_id": "1", "auto_allocate_ip": true}},
			})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(o.Body()["vip"].([]any)[0].(map[string]any)["ip_address"]).To(HaveKeyWithValue("addr", "10.1.0.100"))
		})
	})
}

type errRefused struct{}

func (errRefused) Error() string { return "refused" }

func TestVIPIDCannotChange(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		w.deploy()
		vip, _ := r.Store().Lookup("vsvip", "admin", "app-vip")
		err := r.patch(w, "vsvip", vip.UUID, map[string]any{"vip": []any{map[string]any{
			"vip_id": "2", "ip_address": map[string]any{"addr": "10.1.0.80", "type": "V4"},
		}}})
		g.Expect(err).To(MatchError(ContainSubstring("Changing an existing VIP's vip_id is not supported")))
	})
}
