package fakeavi_test

import (
	"strings"
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
		{"persistence with a profile for something else", func(b map[string]any) {
			b["site_persistence_enabled"], b["application_persistence_profile_ref"] = true, "/api/applicationpersistenceprofile?name=other"
		}, "is not of type PERSISTENCE_TYPE_GSLB_SITE"},
		{"persistence of an address", func(b map[string]any) {
			persistent(b)
			delete(group(b)["members"].([]any)[0].(map[string]any), "vs_uuid")
		}, "needs members that are virtual services of active sites"},
		{"persistence of two virtual services", func(b map[string]any) {
			persistent(b)
			second := clone(group(b)["members"].([]any)[0]).(map[string]any)
			second["vs_uuid"] = "virtualservice-2"
			group(b)["members"] = append(group(b)["members"].([]any), second)
		}, "takes one virtual service of site region01"},
		{"fallback without address", func(b map[string]any) {
			b["down_response"] = map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"}
		}, "needs a fallback_ip"},
		{"fallback without name", func(b map[string]any) {
			b["down_response"] = map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_CNAME"}
		}, "needs a fallback_cname"},
		{"member without address", func(b map[string]any) { delete(group(b)["members"].([]any)[0].(map[string]any), "ip") }, "has neither ip nor fqdn"},
		{"SRV without data", func(b map[string]any) { b["record_type"] = "GSLB_SERVICE_RECORD_TYPE_SRV" }, "needs fqdn and srv_rdata"},
		{"hash mask", func(b map[string]any) { group(b)["consistent_hash_mask"] = 32 }, "consistent_hash_mask"},
		{"no list of names", func(b map[string]any) { delete(b, "domain_names") }, "domain_names needs at least 1 item"},
		{"no list of pools", func(b map[string]any) { delete(b, "groups") }, "groups needs at least 1 item"},
		{"no list of members", func(b map[string]any) { delete(group(b), "members") }, "pool pool has no members"},
		{"empty label", func(b map[string]any) { b["domain_names"] = []any{"a..gslb.example"} }, `"a..gslb.example" is not a domain name`},
		{"space in a name", func(b map[string]any) { b["domain_names"] = []any{"a b.gslb.example"} }, "is not a domain name"},
		{"long label", func(b map[string]any) { b["domain_names"] = []any{strings.Repeat("a", 64) + ".gslb.example"} }, "is not a domain name"},
		{"hyphen at an end", func(b map[string]any) { b["domain_names"] = []any{"-a.gslb.example"} }, "is not a domain name"},
		{"address that is none", func(b map[string]any) {
			group(b)["members"].([]any)[0].(map[string]any)["ip"] = map[string]any{"addr": "192.0.2.300", "type": "V4"}
		}, `ip.addr "192.0.2.300" is not an IPv4 address`},
		{"no groups", func(b map[string]any) { b["groups"] = []any{} }, "groups"},
	}
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		prepareRules(w)
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

// persistent turns site persistence on.
func persistent(b map[string]any) {
	b["site_persistence_enabled"], b["application_persistence_profile_ref"] = true, "/api/applicationpersistenceprofile?name=gslb"
}

// What is next to the refusals is accepted.
func TestServicesThatAreAccepted(t *testing.T) {
	cases := map[string]func(map[string]any){
		"the subdomain itself": func(b map[string]any) { b["domain_names"] = []any{"GSLB.example."} },
		"labels of all kinds": func(b map[string]any) {
			b["domain_names"] = []any{strings.Repeat("a", 63) + ".gslb.example", "_tcp.x-1.gslb.example", "*.b.gslb.example"}
		},
		"six monitors": func(b map[string]any) {
			b["health_monitor_refs"] = refs("System-GSLB-Ping", "System-GSLB-TCP", "System-GSLB-UDP", "System-GSLB-HTTP", "System-GSLB-HTTPS", "hm")
		},
		"hash": func(b map[string]any) {
			group(b)["algorithm"], group(b)["consistent_hash_mask"] = "GSLB_ALGORITHM_CONSISTENT_HASH", 31
		},
		"hash of IPv6 only": func(b map[string]any) {
			group(b)["algorithm"], group(b)["consistent_hash_mask6"] = "GSLB_ALGORITHM_CONSISTENT_HASH", 64
		},
		"geo with round robin": func(b map[string]any) {
			group(b)["algorithm"], group(b)["fallback_algorithm"] = "GSLB_ALGORITHM_GEO", "GSLB_ALGORITHM_ROUND_ROBIN"
		},
		"greatest ratio":          func(b map[string]any) { group(b)["members"].([]any)[0].(map[string]any)["ratio"] = 20 },
		"priorities of both ends": func(b map[string]any) { group(b)["priority"] = 0 },
		"site persistence":        persistent,
		"fallback address": func(b map[string]any) {
			b["down_response"] = map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP", "fallback_ip": map[string]any{"addr": "1.1.1.1", "type": "V4"}}
		},
		"fallback name": func(b map[string]any) {
			b["down_response"] = map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_CNAME", "fallback_cname": "sorry.example"}
		},
		"member by name": func(b map[string]any) { group(b)["members"] = []any{map[string]any{"fqdn": "app.cdn.example"}} },
		"SRV": func(b map[string]any) {
			b["record_type"] = "GSLB_SERVICE_RECORD_TYPE_SRV"
			group(b)["members"] = []any{map[string]any{"fqdn": "app.cdn.example", "srv_rdata": map[string]any{"port": 80, "priority": 1, "weight": 1}}}
		},
		"local service with a local monitor": func(b map[string]any) { b["is_federated"], b["health_monitor_refs"] = false, refs("local") },
	}
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		prepareRules(w)
		for name, change := range cases {
			body := clone(w.service(map[string]any{"name": name})).(map[string]any)
			change(body)
			w.Now(func() {
				o, err := r.Store().Create("gslbservice", body)
				g.Expect(err).NotTo(HaveOccurred(), name)
				_, err = r.Store().Delete("gslbservice", o.UUID)
				g.Expect(err).NotTo(HaveOccurred(), name)
			})
		}
	})
}

func refs(names ...string) (out []any) {
	for _, n := range names {
		out = append(out, "/api/healthmonitor?name="+n)
	}
	return out
}

// prepareRules makes what the services of the rules refer to.
func prepareRules(w *world) {
	r := w.regions[0]
	w.deploy()
	w.monitor()
	r.create(w, "healthmonitor", map[string]any{"name": "portless", "type": "HEALTH_MONITOR_TCP", "is_federated": true})
	r.create(w, "healthmonitor", map[string]any{"name": "local", "type": "HEALTH_MONITOR_TCP", "monitor_port": 80})
	for name, typ := range map[string]string{"gslb": "GSLB_SITE", "other": "CLIENT_IP_ADDRESS"} {
		r.create(w, "applicationpersistenceprofile", map[string]any{"name": name, "persistence_type": "PERSISTENCE_TYPE_" + typ, "is_federated": true})
	}
}

func TestFederatedObjectsThatAreRefused(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		prepareRules(w)
		hm := func(name string) string {
			o, _ := r.Store().Lookup("healthmonitor", "admin", name)
			return o.UUID
		}
		g.Expect(r.patch(w, "healthmonitor", hm("local"), map[string]any{"is_federated": true})).To(MatchError(ContainSubstring("is_federated cannot be changed")))
		g.Expect(r.patch(w, "healthmonitor", hm("hm"), map[string]any{"is_federated": false})).To(MatchError(ContainSubstring("is_federated cannot be changed")))
		g.Expect(r.patch(w, "healthmonitor", hm("hm"), map[string]any{"is_federated": true})).To(Succeed())
		https := func(name string, federated bool) map[string]any {
			return map[string]any{"name": name, "type": "HEALTH_MONITOR_HTTPS", "is_federated": federated, "monitor_port": 443, "https_monitor": map[string]any{
				"ssl_attributes": map[string]any{"ssl_profile_ref": "/api/sslprofile?name=System-Standard"},
			}}
		}
		w.Now(func() {
			_, err := r.Store().Create("healthmonitor", https("a", true))
			g.Expect(err).To(MatchError(ContainSubstring("sslprofile System-Standard is not federated")))
			_, err = r.Store().Create("healthmonitor", https("b", false))
			g.Expect(err).NotTo(HaveOccurred())
			_, err = r.Store().Create("healthmonitor", map[string]any{"name": "c", "type": "HEALTH_MONITOR_DNS", "dns_monitor": map[string]any{"query_name": " "}})
			g.Expect(err).To(MatchError(ContainSubstring("needs a query_name")))
			entry := func(p int) any {
				return map[string]any{"priority": p}
			}
			_, err = r.Store().Create("gslbgeodbprofile", map[string]any{"name": "geo"})
			g.Expect(err).To(MatchError(ContainSubstring("entries needs at least 1 item")))
			_, err = r.Store().Create("gslbgeodbprofile", map[string]any{"name": "geo", "entries": []any{entry(1), entry(1)}})
			g.Expect(err).To(MatchError(ContainSubstring("two entries have priority 1")))
			_, err = r.Store().Create("gslbgeodbprofile", map[string]any{"name": "geo", "entries": []any{entry(1), entry(2)}})
			g.Expect(err).NotTo(HaveOccurred())
		})
	})
}

func TestChangesOfAFederationThatAreRefused(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		w.running(nil)
		gslb, _ := r.Store().Lookup("gslb", "admin", "Default")
		change := func(site int, key string, value any) error {
			sites := clone(gslb.Body()["sites"]).([]any)
			sites[site].(map[string]any)[key] = value
			return r.patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})
		}
		g.Expect(change(0, "suspend_mode", true)).To(MatchError(ContainSubstring("the leader region01 cannot be in suspend mode")))
		g.Expect(change(0, "enabled", false)).To(MatchError(ContainSubstring("the leader must be an enabled active site")))
		g.Expect(change(1, "member_type", "GSLB_PASSIVE_MEMBER")).To(MatchError(ContainSubstring("passive site region02 cannot have DNS virtual services")))
		g.Expect(change(1, "replication_policy", map[string]any{"replication_mode": "REPLICATION_MODE_MANUAL", "checkpoint_uuid": "federationcheckpoint-1"})).
			To(MatchError(ContainSubstring("checkpoint federationcheckpoint-1 of site region02 does not exist")))
		g.Expect(r.patch(w, "gslb", gslb.UUID, map[string]any{"tenant_scoped": false})).To(MatchError(ContainSubstring("tenant_scoped cannot be changed")))
		domains := func(name string) error {
			return r.patch(w, "gslb", gslb.UUID, map[string]any{"dns_configs": []any{map[string]any{"domain_name": name}}})
		}
		g.Expect(domains("gslb example")).To(MatchError(ContainSubstring(`dns_configs: "gslb example" is not a domain name`)))
		g.Expect(r.patch(w, "gslb", gslb.UUID, map[string]any{"dns_configs": []any{
			map[string]any{"domain_name": "gslb.example"}, map[string]any{"domain_name": "GSLB.example."},
		}})).To(MatchError(ContainSubstring("dns_configs: GSLB.example. is listed twice")))
		g.Expect(domains("other.example")).To(MatchError(ContainSubstring("app.gslb.example of a GSLB service does not belong to any subdomain")))
		g.Expect(domains("example")).To(Succeed())
		g.Expect(change(1, "suspend_mode", true)).To(Succeed())
		g.Expect(change(1, "enabled", false)).To(Succeed())
	})
}

func TestVirtualServicesThatAreRefused(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		w.Now(func() {
			names := map[string]any{"name": "app", "fqdn": "app.example", "dns_info": []any{map[string]any{"fqdn": "app.example"}}}
			_, err := r.Store().Create("virtualservice", names)
			g.Expect(err).To(MatchError(ContainSubstring("only one of fqdn and dns_info can be set")))
			delete(names, "fqdn")
			_, err = r.Store().Create("virtualservice", names)
			g.Expect(err).NotTo(HaveOccurred())
		})
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
