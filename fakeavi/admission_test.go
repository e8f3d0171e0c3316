package fakeavi_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// group returns the first pool of a service's body.
func group(body map[string]any) map[string]any { return body["groups"].([]any)[0].(map[string]any) }

func TestServicesThatAreRefused(t *testing.T) {
	cases := []struct {
		name   string
		change func(map[string]any)
		want   string
	}{
		{"name outside of the subdomains", func(b map[string]any) { b["domain_names"] = []any{"app.other.example"} }, "does not belong to a GSLB subdomain"},
		{"name that ends alike", func(b map[string]any) { b["domain_names"] = []any{"xgslb.example"} }, "does not belong to a GSLB subdomain"},
		{"name of another service", func(b map[string]any) { b["domain_names"] = []any{"new.gslb.example", "TAKEN.gslb.example"} }, "domain name conflicting with existing domain name"},
		{"local monitor", func(b map[string]any) { b["health_monitor_refs"] = []any{"/api/healthmonitor?name=System-HTTP"} }, "healthmonitor System-HTTP is not federated"},
		{"monitor without a port", func(b map[string]any) { b["health_monitor_refs"] = []any{"/api/healthmonitor?name=portless"} }, "needs a monitor_port"},
		{"seven monitors", func(b map[string]any) {
			var refs []any
			for range 7 {
				refs = append(refs, "/api/healthmonitor?name=hm")
			}
			b["health_monitor_refs"] = refs
		}, "health_monitor_refs"},
		{"no mask", func(b map[string]any) { group(b)["algorithm"] = "GSLB_ALGORITHM_CONSISTENT_HASH" }, "needs a consistent_hash_mask"},
		{"no fallback", func(b map[string]any) { group(b)["algorithm"] = "GSLB_ALGORITHM_GEO" }, "needs a fallback_algorithm"},
		{"no mask for the fallback", func(b map[string]any) {
			group(b)["algorithm"], group(b)["fallback_algorithm"] = "GSLB_ALGORITHM_GEO", "GSLB_ALGORITHM_CONSISTENT_HASH"
		}, "needs a consistent_hash_mask"},
		{"no members", func(b map[string]any) { group(b)["members"] = []any{} }, "members"},
		{"ratio", func(b map[string]any) { group(b)["members"].([]any)[0].(map[string]any)["ratio"] = 21 }, "ratio"},
		{"priority", func(b map[string]any) { group(b)["priority"] = 101 }, "priority"},
		{"pools of one name", func(b map[string]any) { b["groups"] = []any{group(b), group(b)} }, "two pools are named pool"},
		{"persistence without a profile", func(b map[string]any) { b["site_persistence_enabled"] = true }, "needs an application_persistence_profile_ref"},
		{"no groups", func(b map[string]any) { b["groups"] = []any{} }, "groups"},
	}
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		w.deploy()
		w.monitor()
		r.create(w, "healthmonitor", map[string]any{"name": "portless", "type": "HEALTH_MONITOR_TCP", "is_federated": true})
		r.create(w, "gslbservice", w.service(map[string]any{"name": "taken", "domain_names": []any{"taken.gslb.example"}}))
		for _, c := range cases {
			body := clone(w.service(map[string]any{"name": c.name, "domain_names": []any{"new.gslb.example"}})).(map[string]any)
			c.change(body)
			w.Now(func() {
				_, err := r.Store().Create("gslbservice", body)
				g.Expect(err).To(MatchError(ContainSubstring(c.want)), c.name)
				g.Expect(store.StatusOf(err)).To(Equal(400), c.name)
			})
		}
		r.create(w, "gslbservice", w.service(map[string]any{"name": "good", "domain_names": []any{"new.gslb.example"}}))
	})
}

func TestNameIsFreeAgainAfterItsServiceIsGone(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		uuid := w.running(nil)
		w.Now(func() {
			_, err := r.Store().Delete("gslbservice", uuid)
			g.Expect(err).NotTo(HaveOccurred())
		})
		other := r.create(w, "gslbservice", w.service(map[string]any{"name": "other"}))
		g.Expect(r.patch(w, "gslbservice", other, map[string]any{"domain_names": []any{"x.gslb.example"}})).To(Succeed())
		r.create(w, "gslbservice", w.service(map[string]any{"name": "third"}))
	})
}

func TestMonitorsThatAreRefused(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		w.Now(func() {
			_, err := r.Store().Create("healthmonitor", map[string]any{
				"name": "slow", "type": "HEALTH_MONITOR_TCP", "monitor_port": 80, "send_interval": 5, "receive_timeout": 5,
			})
			g.Expect(err).To(MatchError(ContainSubstring("receive_timeout 5 must be less than send_interval 5")))
		})
	})
}

func TestFederationsThatAreRefused(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		site := func(more map[string]any) map[string]any {
			s := map[string]any{
				"name": "here", "cluster_uuid": r.ClusterUUID(), "username": "admin", "password": "p", "member_type": "GSLB_ACTIVE_MEMBER",
				"ip_addresses": []any{map[string]any{"addr": r.Addr().String(), "type": "V4"}},
			}
			for k, v := range more {
				s[k] = v
			}
			return s
		}
		cases := map[string]map[string]any{
			"is not this cluster":                       {"leader_cluster_uuid": "cluster-x", "sites": []any{site(nil)}},
			"the leader must be an enabled active site": {"sites": []any{site(map[string]any{"enabled": false})}},
			"is listed twice":                           {"sites": []any{site(nil), site(nil)}},
			"has no IP address":                         {"sites": []any{site(nil), site(map[string]any{"name": "b", "cluster_uuid": "cluster-b", "ip_addresses": []any{}})}},
			"leader candidate cluster-c is not": {"sites": []any{site(nil)}, "leader_change_info": map[string]any{
				"leader_candidates": []any{map[string]any{"cluster_id": "cluster-c"}},
			}},
		}
		for want, more := range cases {
			body := map[string]any{"name": "Default", "leader_cluster_uuid": r.ClusterUUID()}
			for k, v := range more {
				body[k] = v
			}
			w.Now(func() {
				_, err := r.Store().Create("gslb", body)
				g.Expect(err).To(MatchError(ContainSubstring(want)))
			})
		}
		w.form(nil)
		w.Now(func() {
			_, err := r.Store().Create("gslb", map[string]any{
				"name": "Second", "leader_cluster_uuid": r.ClusterUUID(), "sites": []any{site(nil)},
			})
			g.Expect(err).To(MatchError(ContainSubstring("belongs to a GSLB federation already")))
		})
	})
}
