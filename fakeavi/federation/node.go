package federation

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Config describes a Node. All fields are required.
type Config struct {
	Cluster string // uuid of the controller's cluster
	Name    string // of the cluster
	Addr    netip.Addr
	Version string // of the software
}

// Deps is what a Node needs of its controller and its world.
type Deps struct {
	Store     *store.Store
	Scheduler health.Scheduler
	Wire      engine.Wire
	// Authorize reports whether credentials give access to this controller.
	Authorize func(Credentials) bool
	// DNS lists the controller's DNS virtual services; may be nil.
	DNS func() []NamedUUID
	// Control is told what the control plane reports of other sites, as it changes; may be nil.
	Control func(engine.SiteControl)
	// Reject makes a follower fail to store an object, for tests of what a leader does then; may be nil.
	Reject   func(*store.Object) error
	Observer Observer
}

// Node is one controller's part of the federation. Its methods are safe for concurrent use. In virtual runs they must be
// called on the scheduler's goroutine.
type Node struct {
	cfg  Config
	deps Deps

	applying sync.Mutex  // held while a Replicate is stored
	changing atomic.Bool // ChangeLeader is writing who leads

	mu       sync.Mutex
	outbox   []func() // to call once mu is free
	on       bool
	boot     uint64
	received Position // as a follower; kept through power cycles, like the store
	followed Claim    // the last one that was announced
	gslb     *config.Gslb
	loaded   volatile
}

// volatile is what a node loses with its power.
type volatile struct {
	peers      map[string]*peer // by cluster uuid
	leaving    map[string]*farewell
	states     stateLog
	pumpSoon   bool
	superseded bool
	other      Claim
	election   election
	forwards   forwards
}

// New returns a Node with power. Call Start once the store holds what it should, and Changed for every change of the store
// from then on.
func New(cfg Config, deps Deps) (*Node, error) {
	switch {
	case cfg.Cluster == "" || cfg.Name == "" || !cfg.Addr.IsValid() || cfg.Version == "":
		return nil, errors.New("federation: Cluster, Name, Addr and Version are required")
	case deps.Store == nil || deps.Scheduler == nil || deps.Wire == nil || deps.Authorize == nil:
		return nil, errors.New("federation: Store, Scheduler, Wire and Authorize are required")
	}
	n := &Node{cfg: cfg, deps: deps, on: true, boot: 1}
	n.loaded = n.forgetful()
	return n, nil
}

func (n *Node) forgetful() volatile {
	return volatile{
		peers: map[string]*peer{}, leaving: map[string]*farewell{}, states: newStateLog(n.boot),
		forwards: forwards{pending: map[string]*forward{}},
	}
}

// act changes the node under its lock, and then sends and tells what the change wants to.
func (n *Node) act(change func()) {
	n.mu.Lock()
	change()
	say := n.outbox
	n.outbox = nil
	n.mu.Unlock()
	for _, fn := range say {
		fn()
	}
}

func (n *Node) say(fn func()) { n.outbox = append(n.outbox, fn) }

// later runs change in an act of its own, d from now, unless the node lost power in between.
func (n *Node) later(d time.Duration, purpose string, change func()) (cancel func()) {
	return n.schedule(d, "federation/"+n.cfg.Name+"/"+purpose, change)
}

// gathered is later for what gathers changes. Its key sorts behind those of other actors, so that what they do at the
// instant at which it is due is gathered too.
func (n *Node) gathered(d time.Duration, purpose string, change func()) {
	n.schedule(d, "~federation/"+n.cfg.Name+"/"+purpose, change)
}

func (n *Node) schedule(d time.Duration, key string, change func()) (cancel func()) {
	boot := n.boot
	return n.deps.Scheduler.After(d, key, func() {
		n.act(func() {
			if n.on && n.boot == boot {
				change()
			}
		})
	})
}

// send sends a message and runs done in an act of its own, unless the node lost power in between.
func (n *Node) send(to netip.Addr, msg any, done func(reply any, err error)) {
	boot := n.boot
	n.say(func() {
		n.deps.Wire.Send(n.cfg.Addr, to, msg, func(reply any, err error) {
			n.act(func() {
				if n.on && n.boot == boot {
					done(reply, err)
				}
			})
		})
	})
}

// Start reads the store.
func (n *Node) Start() { n.act(n.reconfigure) }

// PowerOff makes the node silent. What it knows of other sites is lost; its store is not.
func (n *Node) PowerOff() {
	n.act(func() {
		for _, p := range n.loaded.peers {
			p.stop()
		}
		n.loaded.election.stop()
		n.on = false
		n.boot++
		n.loaded = n.forgetful()
		n.gslb = nil
	})
}

// PowerOn makes the node take part again.
func (n *Node) PowerOn() {
	n.act(func() {
		if !n.on {
			n.on = true
			n.reconfigure()
		}
	})
}

// Changed tells the node of a change of its store.
func (n *Node) Changed(c store.Change) {
	if !Federated(c.Object()) {
		return
	}
	n.act(func() {
		if !n.on {
			return
		}
		if c.Object().Type == "gslb" {
			n.reconfigure()
		}
		n.pumpLater()
	})
}

// SetStates tells the node of changes among the controller's own virtual services.
func (n *Node) SetStates(changed []engine.VSState, gone []string) {
	n.act(func() {
		for _, s := range changed {
			n.loaded.states.set(s)
		}
		for _, uuid := range gone {
			n.loaded.states.remove(uuid)
		}
		n.loaded.states.trim()
	})
}

// StatesComplete tells the node that it has been told all virtual services of the controller since it has power. Until
// then it reports none to others.
func (n *Node) StatesComplete() {
	n.act(func() { n.loaded.states.complete = true })
}

// Gslb returns the federation as this node's store describes it; nil if the controller is no member.
func (n *Node) Gslb() *config.Gslb {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gslb
}

// Role returns what the controller is in the federation.
func (n *Node) Role() Role {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.role()
}

func (n *Node) role() Role {
	switch {
	case n.gslb == nil:
		return RoleNone
	case n.gslb.Leader == n.cfg.Cluster:
		return RoleLeader
	default:
		return RoleMember
	}
}

// leads reports whether the node may push: it leads, and has not been told that another one does.
func (n *Node) leads() bool { return n.role() == RoleLeader && !n.loaded.superseded }

func (n *Node) claim() Claim {
	if n.gslb == nil {
		return Claim{}
	}
	return Claim{Leader: n.gslb.Leader, ViewID: n.gslb.ViewID}
}

// self returns the node's own site.
func (n *Node) self() (config.Site, bool) {
	if n.gslb == nil {
		return config.Site{}, false
	}
	return n.gslb.Site(n.cfg.Cluster)
}

// name returns the name of the node's site, or of its cluster while it has none.
func (n *Node) name() string {
	if s, ok := n.self(); ok {
		return s.Name
	}
	return n.cfg.Name
}

// Receive answers a message of another node; nil if this one has no power or does not know the message.
func (n *Node) Receive(msg any) (reply any) {
	n.mu.Lock()
	on := n.on
	n.mu.Unlock()
	if !on {
		return nil
	}
	switch m := msg.(type) {
	case Verify:
		return n.verify(m)
	case Contact:
		return n.contacted(m)
	case *Replicate:
		return n.receive(m)
	case Leave:
		return n.leave(m)
	case Probe:
		return Acknowledged{}
	case Ballot:
		return n.vote(m)
	case *MemberChange:
		return n.changeMembers(m)
	default:
		return nil
	}
}

func (n *Node) verify(m Verify) VerifyReply {
	if !n.deps.Authorize(m.Credentials) {
		return VerifyReply{Denied: true}
	}
	r := VerifyReply{Cluster: n.cfg.Cluster, Name: n.cfg.Name, Version: n.cfg.Version}
	if n.deps.DNS != nil {
		r.DNS = n.deps.DNS()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r.Member, r.Claim = n.gslb != nil, n.claim()
	return r
}

// reconfigure reads the gslb object again and makes the peers that it asks for.
func (n *Node) reconfigure() {
	objects, _ := n.deps.Store.List("gslb", store.Query{})
	n.gslb = nil
	if len(objects) > 0 {
		g := config.ReadGslb(objects[0].Body())
		n.gslb = &g
	}
	before, now := n.followed, n.claim()
	if now != before {
		n.newLeader(before, now)
		n.followed = now
	}
	n.setPeers(before)
	n.setElection()
}

// newLeader starts anew with every peer: what was known of their positions was about another leader's store.
func (n *Node) newLeader(from, to Claim) {
	n.loaded.superseded, n.loaded.other = false, Claim{}
	n.loaded.election.misses = 0
	for _, cluster := range n.sortedPeers() {
		p := n.loaded.peers[cluster]
		p.positioned, p.synced = false, false
		p.full = from.Leader != ""
		n.contactNow(p)
	}
	if fn := n.deps.Observer.Leader; fn != nil {
		ev := LeaderEvent{Site: n.name(), From: from, To: to}
		n.say(func() { fn(ev) })
	}
}

// setPeers makes, changes and ends peers. Only an active, enabled site contacts others. before is the claim until now.
func (n *Node) setPeers(before Claim) {
	wanted := map[string]config.Site{}
	if self, ok := n.self(); ok && self.Active && self.Enabled {
		for _, s := range n.gslb.Sites {
			if s.Cluster != n.cfg.Cluster && len(s.Addrs) > 0 {
				wanted[s.Cluster] = s
			}
		}
	}
	for _, cluster := range n.sortedPeers() {
		if _, keep := wanted[cluster]; !keep {
			n.dropPeer(n.loaded.peers[cluster], before)
		}
	}
	for _, cluster := range slices.Sorted(maps.Keys(wanted)) {
		n.setPeer(wanted[cluster])
	}
}

func (n *Node) sortedPeers() []string { return slices.Sorted(maps.Keys(n.loaded.peers)) }
