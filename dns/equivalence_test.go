package dns_test

import (
	"fmt"
	"slices"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// FuzzWith applies random changes step by step and compares the outcome with
// a table made from the final state at once: same answers, and the same
// verdict on every change.
func FuzzWith(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7})
	f.Add([]byte{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160})
	f.Add([]byte{1, 0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		table := newTable(t, dns.Config{Profile: systemProfile()})
		state := map[string]dns.Service{}
		for len(script) >= 4 {
			var changed []dns.Service
			var removed []string
			for n := int(script[0]%3) + 1; n > 0 && len(script) >= 4; n-- {
				s := scriptedService(script)
				if script[0]&0x80 != 0 {
					removed = append(removed, s.UUID)
				} else {
					changed = append(changed, s)
				}
				script = script[4:]
			}
			next := applied(state, changed, removed)
			incremental, stepErr := table.With(changed, removed)
			whole, wholeErr := dns.NewTable(dns.Config{Profile: systemProfile(), Services: next.services()})
			if (stepErr == nil) != (wholeErr == nil && !next.repeated) {
				t.Fatalf("step: %v, whole: %v", stepErr, wholeErr)
			}
			if stepErr != nil {
				continue
			}
			table, state = incremental, next.state
			compareTables(t, table, whole)
		}
	})
}

// scriptedService makes a service of few possible UUIDs and names.
func scriptedService(script []byte) dns.Service {
	id := int(script[0]>>2) % 6
	s := simple(id, fuzzDomain(script[1]), fmt.Sprintf("10.0.%d.%d", id, script[3]))
	if script[1]&0x40 != 0 {
		s.Domains = append(s.Domains, fuzzDomain(script[2]))
	}
	s.Wildcard = script[2]&0x80 != 0
	return s
}

func fuzzDomain(b byte) string {
	return []string{"a.gslb.example", "b.a.gslb.example", "C.gslb.example", "d.gslb.example", "x.b.a.gslb.example"}[b%5]
}

type finalState struct {
	state    map[string]dns.Service
	repeated bool // a UUID was changed twice in one step
}

func applied(state map[string]dns.Service, changed []dns.Service, removed []string) finalState {
	next := finalState{state: map[string]dns.Service{}}
	for uuid, s := range state {
		if !slices.Contains(removed, uuid) {
			next.state[uuid] = s
		}
	}
	seen := map[string]bool{}
	for _, s := range changed {
		next.repeated = next.repeated || seen[s.UUID]
		seen[s.UUID] = true
		next.state[s.UUID] = s
	}
	return next
}

func (f finalState) services() []dns.Service {
	var services []dns.Service
	for _, s := range f.state {
		services = append(services, s)
	}
	return services
}

func compareTables(t *testing.T, a, b *dns.Table) {
	if a.Len() != b.Len() {
		t.Fatalf("%d services, want %d", a.Len(), b.Len())
	}
	for i := range byte(5) {
		for _, name := range []string{mdns.Fqdn(fuzzDomain(i)), "x." + mdns.Fqdn(fuzzDomain(i))} {
			if got, want := lookup(a, name), lookup(b, name); got != want {
				t.Fatalf("%s: %s, want %s", name, got, want)
			}
		}
	}
}
