package dns

import (
	"fmt"
	"slices"
	"sync/atomic"
	"unsafe"
)

// serviceEntry is a service as a table keeps it: checked, copied, with
// defaults resolved. How to answer is worked out at the first query of each
// view and then kept.
//
// What every answer needs stands in front, in one cache line up to the plan
// for A and AAAA: with many services the memory that an answer touches is not
// in the CPU's caches, and each line of it counts.
type serviceEntry struct {
	// classed: private and public clients may be answered differently.
	classed bool
	// text holds the names that fit, so that comparing them and answering
	// touch the same memory.
	text     [47]byte
	plans    [clientClasses * answerKinds]atomic.Pointer[plan]
	textUsed int

	ttl    uint32
	numIPs int
	serves RecordType
	id     uint64 // hash of the UUID; names the service's cursors
	names  []string
	svc    Service
	_      [40]byte // so that entries begin with a cache line
}

// answerKind is what a query wants from a service's members.
type answerKind uint8

const (
	answerA     answerKind = iota // an IPv4 address, or a CNAME
	answerAAAA                    // an IPv6 address, or a CNAME
	answerCNAME                   // a CNAME
	answerSRV                     // SRV data

	answerKinds = 4
)

func newServiceEntry(s *Service, profile *Profile) (*serviceEntry, error) {
	if err := checkService(s); err != nil {
		return nil, err
	}
	e := &serviceEntry{
		svc:    cloneService(s),
		id:     mix64(fnv64a(s.UUID)),
		names:  make([]string, 0, len(s.Domains)),
		ttl:    profile.TTL,
		numIPs: profile.NumIPs,
		serves: s.RecordType,
	}
	e.classed = dependsOnClass(&e.svc)
	if s.TTL != nil {
		e.ttl = *s.TTL
	}
	if s.NumIPs != nil {
		e.numIPs = *s.NumIPs
	}
	for _, domain := range s.Domains {
		name, err := canonical(domain)
		if err != nil {
			return nil, fmt.Errorf("domain name: %w", err)
		}
		if !slices.Contains(e.names, name) {
			e.names = append(e.names, e.keep(name))
		}
	}
	return e, nil
}

// keep is a name as a string in the entry's own memory, if there is room. The
// text is not written again after that.
func (e *serviceEntry) keep(name string) string {
	room := e.text[e.textUsed:]
	if len(name) > len(room) {
		return name
	}
	e.textUsed += copy(room, name)
	return unsafe.String(&room[0], len(name))
}

// cloneService copies a service with its pools and members; all members share
// one array.
func cloneService(s *Service) Service {
	clone := *s
	clone.Domains = slices.Clone(s.Domains)
	clone.Pools = slices.Clone(s.Pools)
	total := 0
	for i := range s.Pools {
		total += len(s.Pools[i].Members)
	}
	members := make([]Member, 0, total)
	for i := range clone.Pools {
		begin := len(members)
		members = append(members, s.Pools[i].Members...)
		clone.Pools[i].Members = members[begin:len(members):len(members)]
	}
	return clone
}

// plan returns how to answer one kind of question from one class of clients.
func (e *serviceEntry) plan(class ClientClass, kind answerKind, geo GeoDB) *plan {
	slot := &e.plans[int(class)*answerKinds+int(kind)]
	if p := slot.Load(); p != nil {
		return p
	}
	// Concurrent first queries may each compile; the results are equal.
	p := compilePlan(e, class, kind, geo)
	slot.Store(p)
	return p
}
