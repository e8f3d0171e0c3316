package engine

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/dns"
)

// Tally counts what a DNS virtual service has answered for a GSLB service since the service was placed on it. Counts are lost with the
// engine's power.
type Tally struct {
	Service string // uuid
	// Queries that matched the service, Down those that were answered with its down response or not at all.
	Queries, Down uint64
	Pools         []PoolTally // in configured order
}

// PoolTally counts the answers of one pool.
type PoolTally struct {
	Name string
	// Fallback counts answers which the pool's own algorithm could not choose.
	Fallback uint64
	Members  []MemberTally // in configured order
}

// MemberTally counts the answers that named a member.
type MemberTally struct {
	Addr    netip.Addr
	FQDN    string
	Answers uint64
}

// tally is the counting form of a Tally. It has no more keys than its service has members.
type tally struct {
	queries, down uint64
	fallback      map[string]uint64 // by pool
	answers       map[tallyKey]uint64
}

type tallyKey struct {
	pool string
	addr netip.Addr
	fqdn string
}

// count counts a query that matched a GSLB service.
func (d *dnsService) count(why *dns.Decision) {
	t := d.tallies[why.Service.UUID]
	if t == nil {
		t = &tally{fallback: map[string]uint64{}, answers: map[tallyKey]uint64{}}
		d.tallies[why.Service.UUID] = t
	}
	t.queries++
	if why.DownUsed || why.Drop == dns.DropServiceDown {
		t.down++
		return
	}
	for _, m := range why.Members {
		pool := poolOf(why, m)
		t.answers[tallyKey{pool, m.Addr, m.FQDN}]++
		if why.FallbackUsed {
			t.fallback[pool]++
		}
	}
	if len(t.answers) > members(why.Service) {
		t.prune(why.Service)
	}
}

// poolOf names the pool that a member was chosen from.
func poolOf(why *dns.Decision, m *dns.Member) string {
	for _, p := range why.Pools {
		for i := range p.Members {
			if &p.Members[i] == m {
				return p.Name
			}
		}
	}
	return ""
}

func members(s *dns.Service) (n int) {
	for i := range s.Pools {
		n += len(s.Pools[i].Members)
	}
	return n
}

// prune forgets members and pools that the service does not have any more.
func (t *tally) prune(s *dns.Service) {
	fallback, answers := map[string]uint64{}, map[tallyKey]uint64{}
	for _, p := range s.Pools {
		fallback[p.Name] = t.fallback[p.Name]
		for _, m := range p.Members {
			key := tallyKey{p.Name, m.Addr, m.FQDN}
			answers[key] = t.answers[key]
		}
	}
	t.fallback, t.answers = fallback, answers
}

// Tallies returns what a DNS virtual service has answered for each GSLB service on it, in the order of their uuids; none if the engine
// does not have it.
func (e *Engine) Tallies(uuid string) []Tally {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.loaded.dns[uuid]
	if d == nil {
		return nil
	}
	var all []Tally
	for _, s := range e.sortedServices() {
		if d.hosts(s) {
			all = append(all, d.tallyOf(s))
		}
	}
	return all
}

func (d *dnsService) tallyOf(s *gslbService) Tally {
	counted := d.tallies[s.uuid()]
	if counted == nil {
		counted = &tally{}
	}
	out := Tally{Service: s.uuid(), Queries: counted.queries, Down: counted.down}
	for _, p := range s.spec.DNS.Pools {
		pool := PoolTally{Name: p.Name, Fallback: counted.fallback[p.Name]}
		for _, m := range p.Members {
			pool.Members = append(pool.Members, MemberTally{m.Addr, m.FQDN, counted.answers[tallyKey{p.Name, m.Addr, m.FQDN}]})
		}
		out.Pools = append(out.Pools, pool)
	}
	return out
}

// Placing says where a member of a GSLB service is, as far as a DNS virtual service knows.
type Placing struct {
	Service, Pool string // uuid; name
	Addr          netip.Addr
	FQDN          string
	// At is nil for a member without a location; FromGeoDB: the location is looked up by address.
	At        *dns.Location
	FromGeoDB bool
}

// Placings returns the locations of the members of all GSLB services on a DNS virtual service, in the order of the services' uuids and of
// their configuration; none if the engine does not have it.
func (e *Engine) Placings(uuid string) []Placing {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.loaded.dns[uuid]
	if d == nil {
		return nil
	}
	var all []Placing
	for _, s := range e.sortedServices() {
		if !d.hosts(s) {
			continue
		}
		for _, p := range s.spec.DNS.Pools {
			for i := range p.Members {
				all = append(all, d.place(s.uuid(), p.Name, &p.Members[i]))
			}
		}
	}
	return all
}

func (d *dnsService) place(service, pool string, m *dns.Member) Placing {
	p := Placing{Service: service, Pool: pool, Addr: m.Addr, FQDN: m.FQDN, At: m.Location, FromGeoDB: m.Location == nil && m.LocationFromDB}
	geo := d.vs.spec.DNS.Geo
	if !p.FromGeoDB || geo == nil {
		return p
	}
	addr := m.PublicAddr
	if !addr.IsValid() {
		addr = m.Addr
	}
	if at, ok := geo.Locate(addr); ok {
		p.At = &at
	}
	return p
}
