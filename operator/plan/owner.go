package plan

import (
	"slices"

	"github.com/gslbsim/gslbsim/operator/model"
)

// LegacyCreatedBy is how AMKO marked services before instances had identifiers.
const LegacyCreatedBy = "amko-gslb"

// Owner is an instance of the operator, and tells its objects from others'.
type Owner struct {
	// CreatedBy is the mark of the instance, "amko-<uuid>".
	CreatedBy string
	// Clusters are the member clusters.
	Clusters map[string]bool
}

// Owns says whether a service may be updated: it is the instance's, or has the old mark that names no instance.
func (o Owner) Owns(s model.StoredService) bool {
	return s.CreatedBy == o.CreatedBy || s.CreatedBy == LegacyCreatedBy
}

// MayDelete says whether a service may be deleted when nothing wants it. One with the old mark may be another instance's;
// it may be deleted only if all objects behind it are of this instance's clusters.
func (o Owner) MayDelete(s model.StoredService) bool {
	if s.CreatedBy == o.CreatedBy {
		return true
	}
	return s.CreatedBy == LegacyCreatedBy && len(s.Sources) > 0 &&
		!slices.ContainsFunc(s.Sources, func(src model.Source) bool { return !o.Clusters[src.Cluster] })
}

// OwnsMonitor says whether a monitor may be updated and deleted.
func (o Owner) OwnsMonitor(m model.StoredMonitor) bool {
	if !model.HasMonitorName(m.Key.Name) {
		return false
	}
	if m.CreatedBy != "" {
		return m.CreatedBy == o.CreatedBy
	}
	service := model.Key{Tenant: m.Key.Tenant, Name: m.Service}
	return m.Service != "" && slices.Contains([]string{
		model.PathMonitor(service, "", m.Path, false).Key.Name,
		model.PathMonitor(service, "", m.Path, true).Key.Name,
		model.PortMonitor(service, "", m.Probe, m.Port).Key.Name,
	}, m.Key.Name)
}
