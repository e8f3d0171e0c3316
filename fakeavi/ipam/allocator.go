package ipam

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// ErrNoFreeIPs is returned when no subnet has an address left. Its text is the one that AKO looks for.
//
//lint:ignore ST1005 clients look for exactly this text
var ErrNoFreeIPs = errors.New("No available free IPs")

// ErrUnknownNetwork is returned for a network that the allocator does not know. Its text is the one that AKO looks for.
var ErrUnknownNetwork = errors.New("Network object not found")

// ErrTaken is returned by Reserve for an address that another owner holds.
var ErrTaken = errors.New("IP address is in use")

// Family is the kind of address that is asked for.
type Family uint8

// The families.
const (
	V4 Family = iota
	V6
)

// Lease is an address with the subnet that it comes from.
type Lease struct {
	Addr    netip.Addr
	Subnet  netip.Prefix
	Network string // uuid
}

// Allocator knows networks and who holds which address. It is safe for concurrent use.
type Allocator struct {
	mu       sync.Mutex
	networks map[string]Network
	holders  map[netip.Addr]string
	held     map[string][]netip.Addr
	lowest   map[Range]netip.Addr // below it, a range has no free address
}

// New returns an allocator without networks.
func New() *Allocator {
	return &Allocator{
		networks: map[string]Network{}, holders: map[netip.Addr]string{}, held: map[string][]netip.Addr{},
		lowest: map[Range]netip.Addr{},
	}
}

// SetNetwork adds a network or replaces it; addresses in use stay so. The error names the range that makes no sense.
func (a *Allocator) SetNetwork(n Network) error {
	if err := n.check(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.networks[n.UUID] = n
	return nil
}

// RemoveNetwork forgets a network; addresses in use stay so.
func (a *Allocator) RemoveNetwork(uuid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.networks, uuid)
}

// Allocate gives owner the lowest free address of the network, within the subnet if that is valid. It returns
// ErrUnknownNetwork or ErrNoFreeIPs, wrapped.
func (a *Allocator) Allocate(owner, network string, subnet netip.Prefix, f Family) (Lease, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, ok := a.networks[network]
	if !ok {
		return Lease{}, fmt.Errorf("%w: %s", ErrUnknownNetwork, network)
	}
	for _, s := range n.Subnets {
		if s.Prefix.Addr().Is4() != (f == V4) || subnet.IsValid() && subnet.Masked() != s.Prefix.Masked() {
			continue
		}
		for _, r := range s.ranges() {
			if addr := a.free(r); addr.IsValid() {
				a.take(owner, addr)
				return Lease{Addr: addr, Subnet: s.Prefix.Masked(), Network: network}, nil
			}
		}
	}
	return Lease{}, fmt.Errorf("%w in network %s", ErrNoFreeIPs, n.Name)
}

// free returns the lowest free address of a range, or the zero Addr.
func (a *Allocator) free(r Range) netip.Addr {
	addr := r.Begin
	if low, ok := a.lowest[r]; ok {
		addr = low
	}
	for ; addr.IsValid() && !r.End.Less(addr); addr = addr.Next() {
		if _, taken := a.holders[addr]; !taken {
			a.lowest[r] = addr
			return addr
		}
	}
	a.lowest[r] = addr
	return netip.Addr{}
}

func (a *Allocator) take(owner string, addr netip.Addr) {
	a.holders[addr] = owner
	a.held[owner] = append(a.held[owner], addr)
}

// Reserve marks an address that owner has chosen itself, wherever it lies. It returns ErrTaken, wrapped, if somebody else
// holds it.
func (a *Allocator) Reserve(owner string, addr netip.Addr) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch holder, taken := a.holders[addr]; {
	case !taken:
		a.take(owner, addr)
	case holder != owner:
		return fmt.Errorf("%w: %s is held by %s", ErrTaken, addr, holder)
	}
	return nil
}

// Keep gives back all addresses of an owner except those listed.
func (a *Allocator) Keep(owner string, addrs ...netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var kept []netip.Addr
	for _, addr := range a.held[owner] {
		if slices.Contains(addrs, addr) {
			kept = append(kept, addr)
			continue
		}
		delete(a.holders, addr)
		a.reopen(addr)
	}
	if kept == nil {
		delete(a.held, owner)
	} else {
		a.held[owner] = kept
	}
}

// Release gives back all addresses of an owner.
func (a *Allocator) Release(owner string) { a.Keep(owner) }

// reopen makes ranges that contain a freed address start looking there again.
func (a *Allocator) reopen(addr netip.Addr) {
	for r, low := range a.lowest {
		inside := !addr.Less(r.Begin) && !r.End.Less(addr)
		if inside && (!low.IsValid() || addr.Less(low)) {
			a.lowest[r] = addr
		}
	}
}

// Held returns the addresses of an owner in the order in which it got them.
func (a *Allocator) Held(owner string) []netip.Addr {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.held[owner])
}
