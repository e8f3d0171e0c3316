package preview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Snapshot is what a controller held once. It is safe for concurrent use.
type Snapshot struct {
	objects []stored
	names   map[string]string // uuid -> name
}

// stored is an object of a snapshot.
type stored struct {
	Type   string         `json:"type"`
	UUID   string         `json:"uuid"`
	Tenant string         `json:"tenant"`
	Body   map[string]any `json:"body"`
}

// state is the file that `gslbsim avi snapshot` writes.
type state struct {
	Controllers []struct {
		Name  string `json:"name"`
		Store struct {
			Objects []stored `json:"objects"`
		} `json:"store"`
	} `json:"controllers"`
}

// ReadSnapshot reads the state of a controller as `gslbsim avi snapshot` and `gslbsim avi --save` write it. Of several
// controllers the one that leads GSLB counts, or else the first.
func ReadSnapshot(raw []byte) (*Snapshot, error) {
	var file state
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("is no snapshot: %w", err)
	}
	if len(file.Controllers) == 0 {
		return nil, errors.New("is no snapshot: it has no controllers; make one with `gslbsim avi snapshot URL`")
	}
	var first *Snapshot
	for _, c := range file.Controllers {
		s := newSnapshot(c.Store.Objects)
		if f, err := s.Federation(context.Background()); err == nil && f.Leads() {
			return s, nil
		}
		if first == nil {
			first = s
		}
	}
	return first, nil
}

func newSnapshot(objects []stored) *Snapshot {
	s := &Snapshot{objects: objects, names: map[string]string{}}
	for _, o := range objects {
		if name, ok := o.Body["name"].(string); ok {
			s.names[o.UUID] = name
		}
	}
	return s
}

// errNoFederation says that a snapshot has no GSLB configuration. It is planned as for a controller without third-party sites.
var errNoFederation = errors.New("the snapshot has no GSLB configuration")

// Federation implements Holdings.
func (s *Snapshot) Federation(context.Context) (avi.Federation, error) {
	var cluster string
	for _, o := range s.objects {
		if o.Type == "cluster" {
			cluster = o.UUID
		}
	}
	for _, o := range s.objects {
		if o.Type == "gslb" {
			return avi.ParseFederation(s.raw(o), cluster)
		}
	}
	return avi.Federation{}, errNoFederation
}

// Services implements Holdings.
func (s *Snapshot) Services(_ context.Context, createdBy ...string) (services []model.StoredService, problems []error, err error) {
	for _, o := range s.objects {
		mark, _ := o.Body["created_by"].(string)
		if o.Type != "gslbservice" || !slices.Contains(createdBy, mark) {
			continue
		}
		service, err := model.ParseService(s.raw(o), s.tenant(o))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		services = append(services, service)
	}
	return services, problems, nil
}

// Monitors implements Holdings.
func (s *Snapshot) Monitors(context.Context) (monitors []model.StoredMonitor, problems []error, err error) {
	for _, o := range s.objects {
		if o.Type != "healthmonitor" || o.Body["is_federated"] != true {
			continue
		}
		monitor, err := model.ParseMonitor(s.raw(o), s.tenant(o))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		monitors = append(monitors, monitor)
	}
	return monitors, problems, nil
}

// FirstPKI implements Holdings.
func (s *Snapshot) FirstPKI(context.Context) (string, error) {
	for _, o := range s.objects {
		if name, _ := o.Body["name"].(string); o.Type == "pkiprofile" && o.Body["is_federated"] == true {
			return name, nil
		}
	}
	return "", nil
}

// Visible implements Holdings.
func (s *Snapshot) Visible(_ context.Context, kind, tenant, name string) (json.RawMessage, error) {
	var other json.RawMessage
	for _, o := range s.objects {
		if o.Type != kind || o.Body["name"] != name {
			continue
		}
		if s.tenant(o) == tenant {
			return s.raw(o), nil
		}
		if other == nil {
			other = s.raw(o)
		}
	}
	return other, nil
}

// CreatedBy are the marks of the operators whose services there are, sorted.
func (s *Snapshot) CreatedBy() []string {
	var marks []string
	for _, o := range s.objects {
		if mark, _ := o.Body["created_by"].(string); o.Type == "gslbservice" && mark != "" {
			marks = append(marks, mark)
		}
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}

// tenant is the name of an object's tenant.
func (s *Snapshot) tenant(o stored) string {
	if name := s.names[o.Tenant]; name != "" {
		return name
	}
	return o.Tenant
}

// raw is an object as a controller returns it when it is asked for names: references carry the name after a "#".
func (s *Snapshot) raw(o stored) json.RawMessage {
	body := map[string]any{}
	for key, value := range o.Body {
		body[key] = s.named(key, value)
	}
	body["uuid"] = o.UUID
	if body["tenant_ref"] == nil {
		body["tenant_ref"] = "/api/tenant/" + o.Tenant + "#" + s.tenant(o)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil // it was read from JSON
	}
	return raw
}

func (s *Snapshot) named(key string, value any) any {
	switch value := value.(type) {
	case string:
		if !strings.HasSuffix(key, "_ref") || strings.Contains(value, "#") {
			return value
		}
		if name := s.names[model.ParseRef(value).UUID]; name != "" {
			return value + "#" + name
		}
		return value
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = s.named(strings.TrimSuffix(key, "s"), item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for k, v := range value {
			object[k] = s.named(k, v)
		}
		return object
	}
	return value
}
