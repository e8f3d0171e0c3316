package control_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// Shows: own-removal
func TestSharedMonitorsGoWithTheirLastUser(t *testing.T) {
	const shared = "admin/amko--passthrough-hm-tcp-" + uuid
	inWorld(t, func(w *world) {
		east := w.members["east"]
		east.Serve(schema.GroupVersionResource{Group: "route.openshift.io", Version: "v1", Resource: "routes"}, "Route")
		route := func(name string) string {
			return `{apiVersion: route.openshift.io/v1, kind: Route, metadata: {namespace: web, name: ` + name + `, labels: {app: gslb}},
				spec: {host: ` + name + `.example.com, tls: {termination: passthrough}},
				status: {ingress: [{routerName: ako-east, host: ` + name + `.example.com, conditions: [{message: 10.1.0.1}]}]}}`
		}
		w.own.Apply(gdp(vipOnly))
		east.Apply(manifest(w, route("a")))
		east.Apply(manifest(w, route("b")))
		w.start()
		w.g.Expect(w.services()).To(HaveLen(2))
		w.g.Expect(w.avi().Names("healthmonitor")).To(Equal([]string{shared}))
		w.avi().Calls()
		east.Delete(manifest(w, route("a")))
		w.settle()
		w.g.Expect(w.avi().Calls()).To(HaveLen(1), "b needs the monitor")
		east.Delete(manifest(w, route("b")))
		w.settle()
		w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"DELETE gslbservice", "DELETE healthmonitor"}))

		// It comes back with the next, and one that somebody else refers to is left without a fuss.
		east.Apply(manifest(w, route("a")))
		w.settle()
		w.g.Expect(w.avi().Names("healthmonitor")).To(Equal([]string{shared}))
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Verb == "DELETE" && r.Path != "" && r.Path[0] == 'h' {
				return &avitest.Fault{Status: 412, Message: "Cannot delete, object is referred by: GslbService users"}
			}
			return nil
		})
		w.avi().Calls()
		east.Delete(manifest(w, route("a")))
		w.pass(29 * time.Minute)
		w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"DELETE gslbservice", "DELETE healthmonitor"}))
		w.g.Expect(condition(w.policyStatus("global-gdp").Conditions, "Programmed")).To(HavePrefix("True"))
		east.Apply(manifest(w, route("b")))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.avi().OnRequest(nil)
		east.Delete(manifest(w, route("b")))
		w.settle()
		w.pass(31 * time.Minute)
		w.g.Expect(w.avi().Names("healthmonitor")).To(BeEmpty())
	})
}

// TestAServiceThatCannotBeWrittenKeepsNoSharedMonitors has a service refused for good, without and with need of the monitor that all
// passthrough Routes share.
//
// Shows: own-removal
func TestAServiceThatCannotBeWrittenKeepsNoSharedMonitors(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.members["east"]
		east.Serve(schema.GroupVersionResource{Group: "route.openshift.io", Version: "v1", Resource: "routes"}, "Route")
		route := func(name, tls string) *unstructured.Unstructured {
			return manifest(w, `{apiVersion: route.openshift.io/v1, kind: Route, metadata: {namespace: web, name: `+name+`, labels: {app: gslb}},
				spec: {host: `+name+`.example.com, tls: {termination: `+tls+`}},
				status: {ingress: [{routerName: ako-east, host: `+name+`.example.com, conditions: [{message: 10.1.0.1}]}]}}`)
		}
		shared := "admin/amko--passthrough-hm-tcp-" + uuid
		w.own.Apply(gdp(vipOnly))
		w.avi().Put("gslbservice", "admin", map[string]any{"name": "taken.example.com", "created_by": "somebody"})
		east.Apply(route("taken", "edge"))
		east.Apply(route("mine", "passthrough"))
		w.start()
		w.g.Expect(w.avi().Names("healthmonitor")).To(ContainElement(shared))
		east.Delete(route("mine", ""))
		w.settle()
		w.g.Expect(w.avi().Names("healthmonitor")).NotTo(ContainElement(shared))
		east.Apply(route("taken", "passthrough"))
		w.settle()
		w.g.Expect(w.avi().Names("healthmonitor")).To(ContainElement(shared))
		w.avi().Calls()
		w.pass(time.Hour)
		w.g.Expect(kinds(w.avi().Calls())).NotTo(ContainElement(HaveSuffix("healthmonitor")), "it is not deleted and made again")
	})
}

// Shows: own-service, own-monitor, B12, trace-monitor-taken-over
func TestB12_NothingOfAUsersIsTouched(t *testing.T) {
	inWorld(t, func(w *world) {
		users := []map[string]any{
			{"name": "amko--x", "description": "created by: amko, gsname: shop.example.com"},
			{"name": "mine--shop.example.com", "description": "mine"},
			{"name": "my-monitor", "description": "created by: amko, gsname: shop.example.com.uk, path: /, protocol: http"},
			{"name": "other", "description": "created by: amko, gsname: shop.example.com, path: /, protocol: http"},
			{"name": "amko--of-another", "description": "created by: amko, gsname: shop.example.com", "markers": []any{map[string]any{"key": "created-by", "values": []any{"amko-2"}}}},
		}
		for _, m := range users {
			m["is_federated"], m["type"] = true, "HEALTH_MONITOR_HTTP"
			w.avi().Put("healthmonitor", "admin", m)
		}
		for _, s := range []map[string]any{
			{"name": "shop", "domain_names": []any{"shop"}, "description": "INGRESS/east/web/shop/shop"},
			{"name": "of-another", "domain_names": []any{"of-another"}, "created_by": "amko-2", "description": "INGRESS/east/web/shop/of-another"},
			{"name": "taken.example.com", "domain_names": []any{"taken.example.com"}, "created_by": "amko-22222222-2222-3333-4444-555555555555"},
		} {
			w.avi().Put("gslbservice", "admin", s)
		}
		east := w.members["east"]
		east.Apply(ingress("shop", shop, "10.1.0.1", "/a", "/b"))
		east.Apply(ingress("taken", "taken.example.com", "10.1.0.2"))
		w.start()
		before := w.avi().Objects("healthmonitor")
		w.g.Expect(before).To(HaveLen(len(users) + 3))
		w.g.Expect(condition(w.policyStatus("global-gdp").Conditions, "Programmed")).To(And(
			HavePrefix("False "), ContainSubstring("taken.example.com"), ContainSubstring("was made by amko-22222222")))

		// Refs in place of own monitors, a removed service, a removed rule: all that made AMKO look for stale monitors.
		w.avi().Put("healthmonitor", "admin", map[string]any{"name": "ref", "is_federated": true, "type": "HEALTH_MONITOR_TCP"})
		withRef := rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.HealthMonitorRefs = []string{"ref"} })
		w.own.Apply(withRef)
		w.settle()
		w.g.Expect(w.field(shop, "health_monitor_refs")).To(ContainSubstring("#ref"))
		east.Delete(ingress("shop", shop, ""))
		east.Delete(ingress("taken", "", ""))
		w.own.Delete(withRef)
		w.settle()
		w.restart()
		var names []string
		for _, m := range users {
			names = append(names, "admin/"+m["name"].(string))
		}
		w.g.Expect(w.avi().Names("healthmonitor")).To(ConsistOf(append(names, "admin/ref")))
		w.g.Expect(w.avi().Names("gslbservice")).To(ConsistOf("admin/shop", "admin/of-another", "admin/taken.example.com"))
	})
}

// Shows: trace-service-port
func TestAServicesPortMayChange(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(loadBalancer("dns", "dns.example.com", "10.1.0.1", 53, corev1.ProtocolUDP))
		w.start()
		w.avi().Calls()
		w.members["east"].Apply(loadBalancer("dns", "dns.example.com", "10.1.0.1", 54, corev1.ProtocolUDP))
		w.settle()
		w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"PUT healthmonitor"}), "the service is not without a monitor for a moment")
		w.g.Expect(w.monitors()).To(Equal([]string{"dns.example.com UDP:54"}))
		w.members["east"].Apply(loadBalancer("dns", "dns.example.com", "10.1.0.1", 54, corev1.ProtocolTCP))
		w.settle()
		w.g.Expect(w.monitors()).To(Equal([]string{"dns.example.com TCP:54"}))
	})
}

// Shows: B23
func TestB23_WeightAndPriorityAreTwoNumbers(t *testing.T) {
	inWorld(t, func(w *world) {
		split := func(weight, priority int64) *amkov1alpha2.GlobalDeploymentPolicy {
			return gdp(func(s *amkov1alpha2.GDPSpec) {
				s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "east", Weight: ptr(weight), Priority: ptr(priority)}}
			})
		}
		w.own.Apply(split(1, 12))
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 12:10.1.0.1*1"}))
		w.own.Apply(split(11, 2))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 2:10.1.0.1*11"}))
	})
}

// Shows: trace-geo-without-fallback
func TestAPolicyThatWasRefusedCanBeMended(t *testing.T) {
	inWorld(t, func(w *world) {
		algorithm := func(fallback *amkov1alpha1.GeoFallback) *amkov1alpha2.GlobalDeploymentPolicy {
			return gdp(func(s *amkov1alpha2.GDPSpec) {
				s.PoolAlgorithmSettings = &amkov1alpha1.PoolAlgorithmSettings{LBAlgorithm: amkov1alpha1.PoolAlgorithmGeo, GeoFallback: fallback}
			})
		}
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.Apply(algorithm(nil))
		w.settle()
		w.g.Expect(w.policyStatus("global-gdp").ErrorStatus).To(Equal(
			"invalid pool algorithm: geoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash"))
		w.own.Apply(algorithm(&amkov1alpha1.GeoFallback{LBAlgorithm: amkov1alpha1.PoolAlgorithmRoundRobin}))
		w.settle()
		w.g.Expect(w.policyStatus("global-gdp").ErrorStatus).To(Equal("success"))
		w.g.Expect(w.field(shop, "groups")).To(And(ContainSubstring("GSLB_ALGORITHM_GEO"), ContainSubstring("ROUND_ROBIN")))
	})
}
