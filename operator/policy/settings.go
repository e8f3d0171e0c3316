package policy

//lint:file-ignore ST1005 The sentences are AMKO's, which users' scripts look for.

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
	"github.com/gslbsim/gslbsim/operator/model"
)

// first is the first of the reasons to refuse a resource, nil if there is none. It is what the status says: people search for
// AMKO's sentences, and tools compare them.
func first(refusals []refusal.Refusal) error {
	if len(refusals) == 0 {
		return nil
	}
	return errors.New(refusals[0].Message)
}

// What follows compiles parts of resources in which package refusal finds nothing wrong.

// ttl is a time to live in seconds; nil: none.
func ttl(value *int64) *uint32 {
	if value == nil {
		return nil
	}
	seconds := uint32(*value) // at most 86400
	return &seconds
}

// algorithm is how a pool picks a member; nil: nothing is said.
func algorithm(s *amkov1alpha1.PoolAlgorithmSettings) *Algorithm {
	if s == nil {
		return nil
	}
	a := &Algorithm{Name: string(s.LBAlgorithm), HashMask: mask(s.HashMask)}
	if s.LBAlgorithm == amkov1alpha1.PoolAlgorithmGeo {
		// The mask belongs to the fallback; one beside geo means nothing.
		a.Fallback, a.HashMask = string(s.GeoFallback.LBAlgorithm), mask(s.GeoFallback.HashMask)
	}
	return a
}

func mask(value *int64) uint32 {
	if value == nil {
		return 0
	}
	return uint32(*value) // 1-31 by the CRD
}

// downResponse is the answer while no member is up; nil: nothing is said.
func downResponse(r *amkov1alpha1.DownResponse) *model.DownResponse {
	if r == nil {
		return nil
	}
	return &model.DownResponse{Type: string(r.Type), Fallback: address(r.FallbackIP)}
}

// address is an address that is known to be one, or invalid if there is none.
func address(text string) netip.Addr {
	addr, _ := netip.ParseAddr(text)
	return addr.Unmap()
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
