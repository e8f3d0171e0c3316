package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// CompileGlobal judges a GlobalDeploymentPolicy. The error is what its status says of it, in AMKO's words and order of
// checks. tenant is that of the policy's namespace; references are looked up there.
func CompileGlobal(gdp *amkov1alpha2.GlobalDeploymentPolicy, tenant string, cat *Catalog) (Global, error) {
	spec := &gdp.Spec
	g := Global{
		App: selector(spec.MatchRules.AppSelector.Label), Namespace: selector(spec.MatchRules.NamespaceSelector.Label),
		Clusters: map[string]bool{}, Split: map[string]Share{}, DefaultDomain: deref(spec.DefaultDomain),
	}
	for _, check := range []func(*amkov1alpha2.GDPSpec, string, *Catalog) error{
		g.labels, g.clusters, g.split, g.monitors, g.settings, g.profiles,
	} {
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

func (g *Global) labels(spec *amkov1alpha2.GDPSpec, _ string, _ *Catalog) error {
	if err := emptyLabel(spec.MatchRules.AppSelector.Label); err != nil {
		return fmt.Errorf("%w for appSelector", err)
	}
	if err := emptyLabel(spec.MatchRules.NamespaceSelector.Label); err != nil {
		return fmt.Errorf("%w for namespaceSelector", err)
	}
	return nil
}

// emptyLabel refuses labels without key or value. The sentences are AMKO's, which has them the wrong way round.
func emptyLabel(labels map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if key == "" {
			return errors.New("label value is missing for key ")
		}
		if labels[key] == "" {
			return errors.New("label key is missing for value ")
		}
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
		s, err := share(e.WeightOrDefault(), e.PriorityOrDefault())
		if err != nil {
			return err
		}
		g.Split[e.Cluster] = s
	}
	return nil
}

// share checks the values of a traffic split. AMKO says "between 1 and 100" of priorities although it takes 0, and does
// not check those of host rules at all, which the controller then refuses.
func share(weight, priority int64) (Share, error) {
	if weight < 1 || weight > 20 {
		return Share{}, fmt.Errorf("traffic weight %d must be between 1 and 20", weight)
	}
	if priority < 0 || priority > 100 {
		return Share{}, fmt.Errorf("priority %d must be between 0 and 100", priority)
	}
	return Share{Weight: uint32(weight), Priority: uint32(priority)}, nil
}

func (g *Global) monitors(spec *amkov1alpha2.GDPSpec, tenant string, cat *Catalog) error {
	if spec.HealthMonitorTemplate != nil && len(spec.HealthMonitorRefs) > 0 {
		return errRefsAndTemplate
	}
	if spec.HealthMonitorTemplate != nil {
		t, err := cat.template(tenant, *spec.HealthMonitorTemplate)
		g.Template = t
		return err
	}
	for _, ref := range spec.HealthMonitorRefs {
		if !cat.monitorRef(tenant, ref) {
			return fmt.Errorf("health monitor ref %s is invalid", ref)
		}
	}
	g.MonitorRefs = unique(spec.HealthMonitorRefs)
	return tooManyRefs(g.MonitorRefs)
}

func (g *Global) settings(spec *amkov1alpha2.GDPSpec, _ string, _ *Catalog) (err error) {
	g.ControlPlaneOnly = spec.ControlPlaneHmOnly
	if g.Algorithm, err = algorithm(spec.PoolAlgorithmSettings); err != nil {
		return fmt.Errorf("invalid pool algorithm: %w", err)
	}
	g.TTL, err = ttl(spec.TTL)
	return err
}

func (g *Global) profiles(spec *amkov1alpha2.GDPSpec, tenant string, cat *Catalog) (err error) {
	if ref := spec.SitePersistenceRef; ref != nil {
		switch {
		case *ref == "":
			return errors.New("empty string as site persistence reference not supported")
		case !cat.has(TypePersistence, tenant, *ref):
			return fmt.Errorf("site persistence ref %s not present", *ref)
		}
		g.Persistence = *ref
	}
	if ref := spec.PKIProfileRef; ref != nil {
		switch {
		case *ref == "":
			return errors.New("empty string as pki profile reference not supported")
		case !cat.has(TypePKI, tenant, *ref):
			return fmt.Errorf("pki profile ref %s not present", *ref)
		}
		g.PKI = *ref
	}
	if g.Down, err = downResponse(spec.DownResponse); err != nil {
		return fmt.Errorf("invalid down response configuration: %w", err)
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
