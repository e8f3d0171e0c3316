package control_test

import (
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// What happens to the operator's own objects.

func (l *life) policyEvents() []happening {
	return []happening{
		{"GSLB host rule", l.rule}, {"GSLB host rule", l.rule}, {"GSLB host rule", l.rule},
		{"policy", func() { l.home().Apply(gdp(l.validPolicy())) }}, {"policy", func() { l.home().Apply(gdp(l.validPolicy())) }},
		{"policy that is refused", l.badPolicy}, {"policy goes", func() { l.home().Delete(gdp(nil)) }}, {"second policy", l.anotherPolicy},
		{"configuration", func() { l.home().Apply(l.config(pick(l, [][]string{clusters, clusters, {"east"}, {"west", "east"}}))) }},
		{"controller's address", l.address},
		{"configuration goes", func() { l.home().Delete(gslbConfig()) }},
		{"leadership", func() { l.leads(l.maybe()) }}, {"rival", func() { l.rival(l.maybe()) }},
		{"AMKOCluster goes", func() { l.own.Delete(amkoCluster(true)) }},
		{"secret", l.rotation}, {"secret goes", func() { l.own.Delete(secret("gslb-avi-secret", nil)) }},
		{"own namespace", func() {
			l.own.Apply(namespace("team", pick(l, []map[string]string{nil, {"ako.vmware.com/tenant-name": "blue"}})))
		}},
	}
}

// validPolicy is a random change to a policy that the operator accepts.
func (l *life) validPolicy() func(*amkov1alpha2.GDPSpec) {
	return func(s *amkov1alpha2.GDPSpec) {
		changes := []func(){
			func() { s.TTL = ptr(int64(l.random.IntN(100))) },
			func() {
				s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{
					Cluster: pick(l, clusters), Weight: ptr(int64(1 + l.random.IntN(5))), Priority: ptr(int64(9 + l.random.IntN(3))),
				}}
			},
			func() { vipOnly(s) }, func() { vipOnly(s) }, func() { vipOnly(s) },
			func() { s.MatchClusters[l.random.IntN(len(s.MatchClusters))].SyncVipOnly = true },
			func() { s.MatchClusters = s.MatchClusters[:1+l.random.IntN(len(s.MatchClusters))] },
			func() { s.MatchRules.NamespaceSelector.Label = map[string]string{"stage": "live"} },
			func() {
				s.MatchRules.AppSelector.Label = nil
				s.MatchRules.NamespaceSelector.Label = map[string]string{"stage": "live"}
			},
			func() { s.HealthMonitorRefs = []string{"mine"} }, func() { s.HealthMonitorTemplate = ptr("web") },
			func() { s.SitePersistenceRef = ptr("sticky") },
			func() { s.SitePersistenceRef, s.PKIProfileRef = ptr("sticky"), ptr("sticky") },
			func() {
				s.PoolAlgorithmSettings = &amkov1alpha1.PoolAlgorithmSettings{LBAlgorithm: amkov1alpha1.PoolAlgorithmTopology}
			},
			func() {
				s.DownResponse = &amkov1alpha1.DownResponse{Type: amkov1alpha1.DownResponseFallbackIP, FallbackIP: "10.8.8.8"}
			},
			func() { s.ControlPlaneHmOnly = ptr(true) }, func() { s.DefaultDomain = ptr("apps.example.com") },
		}
		for range l.random.IntN(4) {
			pick(l, changes)()
		}
		if len(s.HealthMonitorRefs) > 0 {
			s.HealthMonitorTemplate = nil
		}
	}
}

func (l *life) badPolicy() {
	l.home().Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
		switch l.random.IntN(3) {
		case 0:
			s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "mars"}}
		case 1:
			s.SitePersistenceRef = ptr("absent")
		case 2:
			s.HealthMonitorRefs = []string{"absent"}
		}
	}))
}

func (l *life) anotherPolicy() {
	if l.maybe() {
		l.home().Delete(secondPolicy())
		return
	}
	l.home().Apply(secondPolicy())
}

func (l *life) rule() {
	r := rule(pick(l, []string{"r1", "r2", "r3"}), pick(l, append([]string{"g1.example.com"}, hosts...)), func(s *amkov1alpha1.GSLBHostRuleSpec) {
		switch l.random.IntN(10) {
		case 0:
			s.TTL = ptr(int64(l.random.IntN(100)))
		case 1:
			s.HealthMonitorRefs = []string{pick(l, []string{"mine", "absent"})}
		case 2:
			s.ThirdPartyMembers = []amkov1alpha1.ThirdPartyMember{{Site: pick(l, []string{"cdn", "absent"}), VIP: "10.9.0.1"}}
		case 3:
			s.TrafficSplit = []amkov1alpha1.TrafficSplitElem{{Cluster: pick(l, clusters), Priority: ptr(int64(l.random.IntN(30)))}}
		case 4:
			s.ControlPlaneHmOnly = ptr(l.maybe())
		case 5:
			s.DownResponse = &amkov1alpha1.DownResponse{Type: amkov1alpha1.DownResponseAllRecords}
		case 6:
			s.PublicIP = []amkov1alpha1.PublicIPElem{{Cluster: pick(l, clusters), IP: "192.0.2.1"}}
		case 7:
			s.SitePersistence = &amkov1alpha1.SitePersistence{Enabled: l.maybe(), ProfileRef: pick(l, []string{"sticky", "absent"})}
		case 8:
			s.HealthMonitorTemplate = ptr("web")
		case 9:
			s.PoolAlgorithmSettings = &amkov1alpha1.PoolAlgorithmSettings{LBAlgorithm: amkov1alpha1.PoolAlgorithmConsistentHash, HashMask: ptr(int64(24))}
		}
	})
	r.Namespace = pick(l, []string{system, system, "team"})
	if l.one(3) {
		l.home().Delete(r)
		return
	}
	l.home().Apply(r)
}

// address names the other site, or none that exists, as the one to begin with.
func (l *life) address() {
	c := l.config(clusters)
	c.Spec.GSLBLeader.ControllerIP = pick(l, []string{"a", "b", "nowhere", ""})
	l.home().Apply(c)
}

// rotation changes the password on the controllers, and perhaps in the Secret.
func (l *life) rotation() {
	password := pick(l, []string{"secret", "another"})
	for _, c := range l.sites {
		c.Set(func(s *avitest.Settings) { s.Password = password })
	}
	if l.maybe() {
		pick(l, l.operators()).own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": password}))
	}
}
