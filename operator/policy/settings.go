package policy

//lint:file-ignore ST1005 The sentences are AMKO's, which users' scripts look for.

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/model"
)

// The verdicts below are AMKO's sentences: people search for them, and tools compare them. Where AMKO has none, because it
// lets something pass that the controller then refuses, there is a sentence of the operator's own.

var errRefsAndTemplate = errors.New("health monitor reference and template cannot be specified together")

// ttl checks a time to live; the CRDs do too, but the operator may run beside CRDs of AMKO's.
func ttl(value *int64) (*uint32, error) {
	if value == nil {
		return nil, nil // no TTL is not an error
	}
	if *value < 0 || *value > 86400 {
		return nil, fmt.Errorf("ttl %d must be between 0 and 86400", *value)
	}
	seconds := uint32(*value)
	return &seconds, nil
}

// algorithm checks and compiles pool algorithm settings.
func algorithm(s *amkov1alpha1.PoolAlgorithmSettings) (*Algorithm, error) {
	if s == nil {
		return nil, nil // no settings is not an error
	}
	switch s.LBAlgorithm {
	case amkov1alpha1.PoolAlgorithmRoundRobin, amkov1alpha1.PoolAlgorithmTopology:
		if s.GeoFallback != nil {
			return nil, fmt.Errorf("geoFallback not allowed for %s", s.LBAlgorithm)
		}
		if s.HashMask != nil {
			return nil, fmt.Errorf("hashMask not allowed for %s", s.LBAlgorithm)
		}
		return &Algorithm{Name: string(s.LBAlgorithm)}, nil
	case amkov1alpha1.PoolAlgorithmConsistentHash:
		if s.GeoFallback != nil {
			return nil, errors.New("geoFallback is not allowed with ConsistentHash")
		}
		if s.HashMask == nil {
			return nil, errors.New("hashMask is required for ConsistentHash")
		}
		return &Algorithm{Name: model.ConsistentHash, HashMask: uint32(*s.HashMask)}, nil // 1-31 by the CRD
	case amkov1alpha1.PoolAlgorithmGeo:
		if s.GeoFallback == nil {
			return nil, errors.New("geoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash")
		}
		return geoAlgorithm(s.GeoFallback)
	}
	return nil, fmt.Errorf("unsupported lbAlgorithm %s", s.LBAlgorithm)
}

func geoAlgorithm(fallback *amkov1alpha1.GeoFallback) (*Algorithm, error) {
	a := &Algorithm{Name: model.Geo, Fallback: string(fallback.LBAlgorithm)}
	switch fallback.LBAlgorithm {
	case amkov1alpha1.PoolAlgorithmRoundRobin:
		if fallback.HashMask != nil {
			return nil, fmt.Errorf("hashMask is not allowed with %s as geoFallback algorithm", fallback.LBAlgorithm)
		}
	case amkov1alpha1.PoolAlgorithmConsistentHash:
		if fallback.HashMask == nil {
			return nil, fmt.Errorf("hashMask is required for %s as the geoFallback algorithm", fallback.LBAlgorithm)
		}
		a.HashMask = uint32(*fallback.HashMask) // 1-31 by the CRD
	default:
		return nil, fmt.Errorf("unsupported algorithm %s for geoFallback", fallback.LBAlgorithm)
	}
	return a, nil
}

// downResponse checks and compiles a down response.
func downResponse(r *amkov1alpha1.DownResponse) (*model.DownResponse, error) {
	if r == nil {
		return nil, nil
	}
	out := &model.DownResponse{Type: string(r.Type)}
	switch {
	case r.Type != amkov1alpha1.DownResponseFallbackIP && r.FallbackIP != "":
		return nil, fmt.Errorf("Fallback IP is not allowed for %s", r.Type)
	case r.Type != amkov1alpha1.DownResponseFallbackIP:
		return out, nil
	case r.FallbackIP == "":
		return nil, fmt.Errorf("Fallback IP is required for %s", r.Type)
	}
	addr, err := netip.ParseAddr(r.FallbackIP)
	if err != nil {
		return nil, fmt.Errorf("Fallback IP %s is not valid", r.FallbackIP)
	}
	out.Fallback = addr.Unmap()
	return out, nil
}

// template checks and compiles a monitor that others are made after.
func (c *Catalog) template(tenant, name string) (*Template, error) {
	m, found := c.Found[Reference{TypeMonitor, tenant, name}]
	switch {
	case !found:
		return nil, fmt.Errorf("health monitor template %s not found", name)
	case !m.Federated:
		return nil, fmt.Errorf("health monitor template %s not federated", name)
	case m.Probe != model.ProbeHTTP && m.Probe != model.ProbeHTTPS:
		return nil, errors.New("health monitor template is not supported for non-path based health monitors")
	case len(strings.Split(m.Request, " ")) != 3:
		return nil, fmt.Errorf("client request header in health monitor template %s is invalid", name)
	}
	return &Template{Name: name, Request: m.Request, Codes: m.Codes}, nil
}

// monitorRef says whether a monitor may be referred to: it must exist and be federated.
func (c *Catalog) monitorRef(tenant, name string) bool {
	return c.Found[Reference{TypeMonitor, tenant, name}].Federated
}

// tooManyRefs says what the controller would: AMKO lets it refuse the service and drops the key.
func tooManyRefs(refs []string) error {
	if len(refs) <= model.MaxMonitors {
		return nil
	}
	return fmt.Errorf("%d health monitor refs given, at most %d are allowed", len(refs), model.MaxMonitors)
}
