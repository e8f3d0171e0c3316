package fakeavi

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// fqdns knows which GSLB service has which FQDN.
type fqdns struct {
	mu    sync.Mutex
	owner map[string]string   // uuid by canonical name
	names map[string][]string // canonical names by uuid
}

func newFQDNs() *fqdns { return &fqdns{owner: map[string]string{}, names: map[string][]string{}} }

func canonical(fqdn string) string { return strings.ToLower(strings.TrimSuffix(fqdn, ".")) }

// domains returns the FQDNs of a GSLB service as they are written.
func domains(o *store.Object) []string {
	list, _ := o.Body()["domain_names"].([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// claim takes the names of a service that is about to be committed, or says which name belongs to which other service.
func (f *fqdns) claim(o *store.Object) (name, owner string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range domains(o) {
		if other, taken := f.owner[canonical(d)]; taken && other != o.UUID {
			return d, other, false
		}
	}
	f.set(o.UUID, domains(o))
	return "", "", true
}

// set replaces the names of a service. The caller holds mu.
func (f *fqdns) set(uuid string, names []string) {
	for _, n := range f.names[uuid] {
		if f.owner[n] == uuid {
			delete(f.owner, n)
		}
	}
	delete(f.names, uuid)
	for _, n := range names {
		n = canonical(n)
		if _, taken := f.owner[n]; !taken {
			f.owner[n] = uuid
		}
		f.names[uuid] = append(f.names[uuid], n)
	}
}

// all returns the canonical names of all services, sorted.
func (f *fqdns) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.owner))
}

// changed follows the store.
func (f *fqdns) changed(ch store.Change) {
	o := ch.Object()
	if o.Type != "gslbservice" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ch.Op == store.Deleted {
		f.set(o.UUID, nil)
		return
	}
	f.set(o.UUID, domains(o))
}
