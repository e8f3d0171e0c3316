package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// StoredService is a GSLB service as a controller returned it: what the operator needs to know of it, and the whole body.
// It must not be changed once made; it may be shared between goroutines.
type StoredService struct {
	UUID        string
	Key         Key
	CreatedBy   string
	DomainNames []string
	// Sources are the objects that the description names.
	Sources []Source
	Members []StoredMember
	// Monitors are the attached health monitors.
	Monitors []Ref
	// Body is the object as received.
	Body json.RawMessage
}

// StoredMember is a member of a stored service, with the priority of its pool.
type StoredMember struct {
	VIP            netip.Addr
	Controller     string
	VirtualService string
	Priority       uint32
}

// StoredMonitor is a health monitor as a controller returned it. It must not be changed once made.
type StoredMonitor struct {
	UUID      string
	Key       Key
	Federated bool
	// CreatedBy is the operator instance in the monitor's marker; empty: not marked.
	CreatedBy string
	Probe     Probe
	Port      uint32
	// Service and Path are what the description says, empty if it says nothing.
	Service string
	Path    string
	// Request and Codes are those of an HTTP or HTTPS probe.
	Request string
	Codes   []string
	Body    json.RawMessage
}

// Ref is a reference to another object: by name, by uuid, or by both.
type Ref struct {
	UUID string
	Name string
}

// ParseRef reads a reference in any form that controllers use: an URL or a path, ending in a uuid or in ?name=, and
// perhaps followed by #name.
func ParseRef(text string) Ref {
	path, name, _ := strings.Cut(text, "#")
	if at := strings.Index(path, "?name="); at >= 0 {
		return Ref{Name: path[at+len("?name="):]}
	}
	return Ref{UUID: path[strings.LastIndexByte(path, '/')+1:], Name: name}
}

// ParseService reads a GSLB service. tenant is the name of its tenant if the caller knows it and the reference in body may
// be without a name; empty otherwise. body is kept and must not be changed any more. The error says that it is not a service at
// all; missing fields are no error.
func ParseService(body []byte, tenant string) (StoredService, error) {
	var w struct {
		object
		CreatedBy   string `json:"created_by"`
		Description string
		DomainNames []string `json:"domain_names"`
		MonitorRefs []string `json:"health_monitor_refs"`
		Groups      []struct {
			Priority *uint32
			Members  []struct {
				IP             address
				ClusterUUID    string `json:"cluster_uuid"`
				VirtualService string `json:"vs_uuid"`
			}
		}
	}
	if err := w.read(body, &w, "gslbservice"); err != nil {
		return StoredService{}, err
	}
	s := StoredService{
		UUID: w.UUID, Key: w.key(tenant), CreatedBy: w.CreatedBy, DomainNames: w.DomainNames,
		Sources: parseDescription(w.Description), Body: body,
	}
	for _, ref := range w.MonitorRefs {
		s.Monitors = append(s.Monitors, ParseRef(ref))
	}
	for _, group := range w.Groups {
		priority := defaultPriority
		if group.Priority != nil {
			priority = *group.Priority
		}
		for _, m := range group.Members {
			vip, err := netip.ParseAddr(m.IP.Addr)
			if err != nil {
				continue // a member by FQDN, which the controller resolves: not one of the operator's
			}
			s.Members = append(s.Members, StoredMember{vip.Unmap(), m.ClusterUUID, m.VirtualService, priority})
		}
	}
	return s, nil
}

// ParseMonitor reads a health monitor; see ParseService for tenant, body and the error.
func ParseMonitor(body []byte, tenant string) (StoredMonitor, error) {
	type http struct {
		Request string   `json:"http_request"`
		Codes   []string `json:"http_response_code"`
	}
	var w struct {
		object
		Type        Probe
		Description string
		Federated   bool   `json:"is_federated"`
		Port        uint32 `json:"monitor_port"`
		Markers     []marker
		HTTP        *http `json:"http_monitor"`
		HTTPS       *http `json:"https_monitor"`
	}
	if err := w.read(body, &w, "healthmonitor"); err != nil {
		return StoredMonitor{}, err
	}
	m := StoredMonitor{
		UUID: w.UUID, Key: w.key(tenant), Federated: w.Federated, Probe: w.Type, Port: w.Port,
		Service: describedService(w.Description), Path: describedPath(w.Description), Body: body,
	}
	if i := slices.IndexFunc(w.Markers, func(m marker) bool { return m.Key == createdByMarker }); i >= 0 {
		if values := w.Markers[i].Values; len(values) > 0 {
			m.CreatedBy = values[0]
		}
	}
	spec := w.HTTP
	if m.Probe == ProbeHTTPS {
		spec = w.HTTPS
	}
	if spec != nil {
		m.Request, m.Codes = spec.Request, spec.Codes
	}
	return m, nil
}

// NameRefs fills in the names of monitors that the controller returned without one. sent are the names in the order in
// which the operator wrote them; they are used only if there are as many.
func (s *StoredService) NameRefs(sent []string) {
	if len(sent) != len(s.Monitors) {
		return
	}
	for i := range s.Monitors {
		if s.Monitors[i].Name == "" {
			s.Monitors[i].Name = sent[i]
		}
	}
}

// object holds the fields that all objects of a controller have.
type object struct {
	UUID      string
	Name      string
	TenantRef string `json:"tenant_ref"`
}

type address struct{ Addr string }

type marker struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

func (o *object) read(body []byte, into any, kind string) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("a %s of the controller cannot be read: %w", kind, err)
	}
	if o.UUID == "" || o.Name == "" {
		return fmt.Errorf("a %s of the controller lacks uuid or name: %.80s", kind, bytes.TrimSpace(body))
	}
	return nil
}

func (o *object) key(tenant string) Key {
	ref := ParseRef(o.TenantRef)
	switch {
	case ref.Name != "":
		tenant = ref.Name
	case tenant == "":
		// Without a name the uuid is the best there is; for the admin tenant they are the same.
		tenant = ref.UUID
	}
	return Key{Tenant: tenant, Name: o.Name}
}
