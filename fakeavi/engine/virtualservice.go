package engine

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// virtualService is a configured virtual service and its state.
type virtualService struct {
	spec     VirtualService
	status   health.Status
	since    time.Time         // of the last change of status.State
	down     []string          // uuids of pools that are down, sorted
	children []*virtualService // sorted by name; kept by link
	turn     int               // of the requests that went to pools, for their ratios
}

// pools returns all pools that a virtual service may send requests to.
func (vs *virtualService) pools() []Pool {
	all := slices.Clone(vs.spec.Pools)
	for _, r := range vs.spec.Routes {
		all = append(all, r.Pools...)
	}
	return all
}

func (e *Engine) sortedVS() []*virtualService {
	all := make([]*virtualService, 0, len(e.loaded.vss))
	for _, uuid := range sortedKeys(e.loaded.vss) {
		all = append(all, e.loaded.vss[uuid])
	}
	return all
}

// setVS adds or replaces a virtual service.
func (e *Engine) setVS(spec VirtualService) {
	l := &e.loaded
	vs := l.vss[spec.UUID]
	if vs == nil {
		vs = &virtualService{}
		l.vss[spec.UUID] = vs
	} else {
		e.vipsChanged(vs)
	}
	vs.spec = spec
	l.vips = nil
	e.setDNS(vs)
	e.vipsChanged(vs)
}

func (e *Engine) removeVS(uuid string) {
	vs := e.loaded.vss[uuid]
	if vs == nil {
		return
	}
	e.vipsChanged(vs)
	delete(e.loaded.vss, uuid)
	e.loaded.vips = nil
	e.dropDNS(uuid)
	e.loaded.report.goneVS(uuid)
}

// link finds the children of every parent again.
func (e *Engine) link() {
	for _, vs := range e.loaded.vss {
		vs.children = nil
	}
	for _, vs := range e.sortedVS() {
		if parent := e.loaded.vss[vs.spec.Parent]; parent != nil && vs.spec.Parent != "" {
			parent.children = append(parent.children, vs)
		}
	}
}

// addresses returns the VIPs of a virtual service: its own, or its parent's.
func (e *Engine) addresses(vs *virtualService) []netip.Addr {
	if vs.spec.Parent == "" {
		return vs.spec.VIPs
	}
	if parent := e.loaded.vss[vs.spec.Parent]; parent != nil {
		return parent.spec.VIPs
	}
	return nil
}

// judgeVS derives the status of a virtual service and of its children.
func (e *Engine) judgeVS(vs *virtualService) {
	before, down := vs.status, vs.down
	vs.status, vs.down = e.stateOf(vs), e.downPools(vs)
	if vs.status != before {
		vs.since = sinceChange(vs.since, before, vs.status)
		e.emitVS(vs, before)
	}
	if vs.status != before || !slices.Equal(vs.down, down) {
		e.loaded.report.vs(vs.spec.UUID)
		e.scheduleReport()
	}
	for _, child := range vs.children {
		e.judgeVS(child)
	}
}

func (e *Engine) stateOf(vs *virtualService) health.Status {
	switch parent := e.loaded.vss[vs.spec.Parent]; {
	case !vs.spec.Enabled:
		return health.Status{State: health.StateDisabled, Reason: "virtual service is disabled"}
	case vs.spec.Parent != "" && parent == nil:
		return health.Status{State: health.StateDown, Reason: "parent virtual service is not here"}
	case vs.spec.Parent != "" && !parent.spec.Enabled:
		return health.Status{State: health.StateDisabled, Reason: "parent virtual service is disabled"}
	case len(e.addresses(vs)) == 0:
		return health.Status{State: health.StateDown, Reason: "virtual service has no VIP"}
	}
	pools := vs.pools()
	if len(pools) == 0 && !e.app(vs, "").Dead {
		return health.Status{State: health.StateUp}
	}
	for _, p := range pools {
		if p.Enabled && !e.app(vs, p.UUID).Dead {
			return health.Status{State: health.StateUp}
		}
	}
	return health.Status{State: health.StateDown, Reason: "all pools are down"}
}

// downPools returns the uuids of the pools of a virtual service whose servers are dead.
func (e *Engine) downPools(vs *virtualService) []string {
	var down []string
	for _, p := range vs.pools() {
		if e.app(vs, p.UUID).Dead {
			down = append(down, p.UUID)
		}
	}
	slices.Sort(down)
	return slices.Compact(down)
}

// vipsChanged tells the world that answers at the addresses of a virtual service may differ.
func (e *Engine) vipsChanged(vs *virtualService) {
	if fn := e.deps.Observer.VIP; fn != nil {
		for _, addr := range e.addresses(vs) {
			e.say(func() { fn(addr) })
		}
	}
}

// listeners returns who answers at an address, in the order of their uuids: parents and virtual services without a
// parent. An address nobody of whom is enabled is silent.
func (e *Engine) listeners(addr netip.Addr) []*virtualService {
	l := &e.loaded
	if l.vips == nil {
		l.vips = map[netip.Addr][]*virtualService{}
		for _, vs := range e.sortedVS() {
			if vs.spec.Parent != "" || !vs.spec.Enabled || !vs.spec.TrafficEnabled {
				continue
			}
			for _, a := range vs.spec.VIPs {
				l.vips[a] = append(l.vips[a], vs)
			}
		}
	}
	return l.vips[addr]
}

// state returns what the engine reports of a virtual service.
func (e *Engine) state(vs *virtualService) VSState {
	return VSState{
		UUID: vs.spec.UUID, Name: vs.spec.Name, Status: vs.status, Since: vs.since, VIPs: e.addresses(vs), DownPools: vs.down,
	}
}

// VirtualServices returns the states of all virtual services, in the order of their uuids.
func (e *Engine) VirtualServices() []VSState {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []VSState
	for _, vs := range e.sortedVS() {
		all = append(all, e.state(vs))
	}
	return all
}

// VIPs returns the addresses that the engine answers for at present, sorted.
func (e *Engine) VIPs() []netip.Addr {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners(netip.Addr{})
	var all []netip.Addr
	for addr := range e.loaded.vips {
		all = append(all, addr)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

// matchesName compares a host name with a name of a virtual service, which may be a wildcard.
func matchesName(name, host string) bool {
	name, host = strings.ToLower(name), strings.ToLower(host)
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && parent == rest
	}
	return name == host
}
