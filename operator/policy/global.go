package policy

import (
	"fmt"
	"slices"

	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
)

// CompileGlobal judges a GlobalDeploymentPolicy: first by itself, see package refusal, then by what it names. The error is
// what its status says of it, in AMKO's words. tenant is that of the policy's namespace; references are looked up there.
func CompileGlobal(gdp *amkov1alpha2.GlobalDeploymentPolicy, tenant string, cat *Catalog) (Global, error) {
	if err := first(refusal.GlobalDeploymentPolicy(gdp)); err != nil {
		return Global{}, err
	}
	spec := &gdp.Spec
	g := Global{
		App: selector(spec.MatchRules.AppSelector.Label), Namespace: selector(spec.MatchRules.NamespaceSelector.Label),
		Clusters: map[string]bool{}, Split: map[string]Share{}, DefaultDomain: deref(spec.DefaultDomain),
		Settings: Settings{
			ControlPlaneOnly: spec.ControlPlaneHmOnly, TTL: ttl(spec.TTL), Algorithm: algorithm(spec.PoolAlgorithmSettings),
			Down: downResponse(spec.DownResponse), MonitorRefs: unique(spec.HealthMonitorRefs),
		},
		Persistence: deref(spec.SitePersistenceRef), PKI: deref(spec.PKIProfileRef),
	}
	for _, check := range []func(*amkov1alpha2.GDPSpec, string, *Catalog) error{g.clusters, g.split, g.monitors, g.profiles} {
		if err := check(spec, tenant, cat); err != nil {
			return Global{}, err
		}
	}
	return g, nil
}

// selector is a label selector. It counts only if it has exactly one label; with none or several AMKO takes it as absent,
// and users' policies rely on that.
func selector(labels map[string]string) *Label {
	if len(labels) != 1 {
		return nil
	}
	for key, value := range labels {
		return &Label{key, value}
	}
	return nil
}

func (g *Global) clusters(spec *amkov1alpha2.GDPSpec, _ string, cat *Catalog) error {
	for _, c := range spec.MatchClusters {
		if !cat.Clusters[c.Cluster] {
			return fmt.Errorf("cluster context %s not present in GSLBConfig", c.Cluster)
		}
		g.Clusters[c.Cluster] = c.SyncVipOnly
	}
	return nil
}

func (g *Global) split(spec *amkov1alpha2.GDPSpec, _ string, cat *Catalog) error {
	for _, e := range spec.TrafficSplit {
		if !cat.Clusters[e.Cluster] {
			return fmt.Errorf("cluster %s in traffic policy not present in GSLBConfig", e.Cluster)
		}
		g.Split[e.Cluster] = share(e.WeightOrDefault(), e.PriorityOrDefault())
	}
	return nil
}

// share is an entry of a traffic split whose values are in range.
func share(weight, priority int64) Share {
	return Share{Weight: uint32(weight), Priority: uint32(priority)}
}

func (g *Global) monitors(spec *amkov1alpha2.GDPSpec, tenant string, cat *Catalog) (err error) {
	if spec.HealthMonitorTemplate != nil {
		g.Template, err = cat.template(tenant, *spec.HealthMonitorTemplate)
		return err
	}
	for _, ref := range spec.HealthMonitorRefs {
		if !cat.monitorRef(tenant, ref) {
			return fmt.Errorf("health monitor ref %s is invalid", ref)
		}
	}
	return nil
}

func (g *Global) profiles(_ *amkov1alpha2.GDPSpec, tenant string, cat *Catalog) error {
	if g.Persistence != "" && !cat.has(TypePersistence, tenant, g.Persistence) {
		return fmt.Errorf("site persistence ref %s not present", g.Persistence)
	}
	if g.PKI != "" && !cat.has(TypePKI, tenant, g.PKI) {
		return fmt.Errorf("pki profile ref %s not present", g.PKI)
	}
	return nil
}

func unique(names []string) []string {
	out := slices.Sorted(slices.Values(names))
	return slices.Compact(out)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
