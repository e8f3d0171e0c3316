package discovery

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
)

// Service is a service of a member cluster.
type Service struct{ Cluster, Namespace, Name string }

// ImportName is the name of the ServiceImport of a service, AMKO's.
func (s Service) ImportName() string { return s.Cluster + "--" + s.Namespace + "--" + s.Name }

// Compare orders services by cluster, namespace and name.
func (s Service) Compare(other Service) int {
	return slices.Compare([]string{s.Cluster, s.Namespace, s.Name}, []string{other.Cluster, other.Namespace, other.Name})
}

// Judge says why a MultiClusterIngress is not honoured, in AMKO's words, nil if it is. clusters are the member clusters.
func Judge(mci *akov1alpha1.MultiClusterIngress, clusters map[string]bool) error {
	if mci.Spec.HostName == "" {
		return errors.New("spec.hostname can't be empty")
	}
	for _, b := range mci.Spec.Config {
		switch {
		case b.Cluster == "":
			return errors.New("spec.config.clusterContext can't be empty")
		case !clusters[b.Cluster]:
			return fmt.Errorf("cluster context %s is invalid and not part of clusterset", b.Cluster)
		case b.Service.Name == "":
			return errors.New("service name can't be empty")
		case b.Service.Namespace == "":
			return errors.New("service namespace can't be empty")
		}
		name := Service{b.Cluster, b.Service.Namespace, b.Service.Name}.ImportName()
		if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 {
			// AMKO has no words for it: the API server refuses the object then, and AMKO logs that.
			return fmt.Errorf("a ServiceImport cannot be named %s: %s", name, strings.Join(wrong, "; "))
		}
	}
	return nil
}

// Demands are the services that MultiClusterIngresses name, with the ports, sorted. Those that are not honoured are left out.
func Demands(mcis []akov1alpha1.MultiClusterIngress, clusters map[string]bool) map[Service][]int64 {
	ports := map[Service]map[int64]bool{}
	for i := range mcis {
		if Judge(&mcis[i], clusters) != nil {
			continue
		}
		for _, b := range mcis[i].Spec.Config {
			key := Service{b.Cluster, b.Service.Namespace, b.Service.Name}
			if ports[key] == nil {
				ports[key] = map[int64]bool{}
			}
			ports[key][b.Service.Port] = true
		}
	}
	demands := map[Service][]int64{}
	for key, of := range ports {
		demands[key] = slices.Sorted(maps.Keys(of))
	}
	return demands
}
