package control

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/member"
)

// mailbox is where everything arrives that the loop has to know. It is safe for concurrent use; posting never blocks.
type mailbox struct {
	wake chan struct{}

	mu      sync.Mutex
	since   time.Time // of the first change that was not taken; zero: there is none
	members map[string]*memberBox
	own     map[ownKind]bool
	results []result
	// One that was called off may arrive at the same instant as the one that was begun in its place.
	reports []*report
	rounds  []federated
}

// ownKind is a kind of the operator's own objects.
type ownKind int

const (
	ownConfig ownKind = iota // GSLBConfig, AMKOCluster, Secret
	ownPolicy
	ownRules
	ownNamespaces
)

func newMailbox() *mailbox {
	return &mailbox{wake: make(chan struct{}, 1), members: map[string]*memberBox{}, own: map[ownKind]bool{}}
}

func (m *mailbox) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// changed notes a change, under the lock.
func (m *mailbox) changed() {
	if m.since.IsZero() {
		m.since = time.Now()
	}
	m.ring()
}

// postOwn notes that an own object of a kind has changed.
func (m *mailbox) postOwn(kind ownKind) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own[kind] = true
	m.changed()
}

// postResult delivers the result of work on an FQDN.
func (m *mailbox) postResult(r result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results = append(m.results, r)
	m.ring()
}

// postReport delivers what was learnt from a controller.
func (m *mailbox) postReport(r *report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reports = append(m.reports, r)
	m.ring()
}

// postFederated delivers what a round of copying to the followers came to.
func (m *mailbox) postFederated(r federated) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rounds = append(m.rounds, r)
	m.ring()
}

// takeResults takes results, ordered by FQDN, reports, and what rounds of copying came to.
func (m *mailbox) takeResults() ([]result, []*report, []federated) {
	m.mu.Lock()
	defer m.mu.Unlock()
	results, reports, rounds := m.results, m.reports, m.rounds
	m.results, m.reports, m.rounds = nil, nil, nil
	slices.SortFunc(results, func(a, b result) int { return strings.Compare(a.fqdn, b.fqdn) })
	return results, reports, rounds
}

// changes is a batch of changes.
type changes struct {
	own     map[ownKind]bool
	members []*memberChanges // by name
}

// due returns when the changes that were not taken are to be handled; ok is false if there are none.
func (m *mailbox) due(debounce time.Duration) (at time.Time, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.since.Add(debounce), !m.since.IsZero()
}

// takeChanges takes all changes.
func (m *mailbox) takeChanges() changes {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := changes{own: m.own}
	m.own, m.since = map[ownKind]bool{}, time.Time{}
	for _, name := range slices.Sorted(maps.Keys(m.members)) {
		if c := m.members[name].take(); c != nil {
			taken.members = append(taken.members, c)
		}
	}
	return taken
}

// memberBox is the part of the mailbox for one watch of a member cluster.
type memberBox struct {
	mail    *mailbox
	pending *memberChanges
}

var _ member.Sink = (*memberBox)(nil)

// memberChanges is what has changed in a member cluster: of each object the latest state only.
type memberChanges struct {
	name string
	// fresh says that these are all objects of the cluster, and others are gone.
	fresh      bool
	objects    map[ingest.Object][]ingest.Candidate
	namespaces map[string]*ingest.Namespace
	rules      map[[2]string]*ingest.HostRule // namespace and name
	// ready and silent are the last word on the cluster; neither: nothing new.
	ready  bool
	silent error
	at     time.Time
}

func newMemberChanges(name string) *memberChanges {
	return &memberChanges{
		name: name, objects: map[ingest.Object][]ingest.Candidate{}, namespaces: map[string]*ingest.Namespace{},
		rules: map[[2]string]*ingest.HostRule{},
	}
}

// addMember opens a box for a watch; a former one of that name is closed.
func (m *mailbox) addMember(name string) *memberBox {
	m.mu.Lock()
	defer m.mu.Unlock()
	box := &memberBox{mail: m, pending: newMemberChanges(name)}
	m.members[name] = box
	return box
}

// removeMember closes a box.
func (m *mailbox) removeMember(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.members, name)
}

// change applies fn to the pending changes, unless the box is closed.
func (b *memberBox) change(fn func(*memberChanges)) {
	b.mail.mu.Lock()
	defer b.mail.mu.Unlock()
	if b.mail.members[b.pending.name] != b {
		return
	}
	fn(b.pending)
	// Until everything there is has been delivered, nothing is taken.
	if b.pending.ready || b.pending.silent != nil || !b.pending.fresh {
		b.mail.changed()
	}
}

// take returns what has changed, under the lock; nil: nothing, or not everything is there yet.
func (b *memberBox) take() *memberChanges {
	p := b.pending
	if p.fresh && !p.ready {
		if p.silent == nil {
			return nil
		}
		// It fell silent before all was delivered: what came is not enough to go by.
		word := newMemberChanges(p.name)
		word.silent, word.at = p.silent, p.at
		p.silent = nil
		return word
	}
	if !p.ready && p.silent == nil && len(p.objects)+len(p.namespaces)+len(p.rules) == 0 {
		return nil
	}
	b.pending = newMemberChanges(p.name)
	return p
}

// Begin implements member.Sink.
func (b *memberBox) Begin() {
	b.change(func(c *memberChanges) {
		silent, at := c.silent, c.at
		*c = *newMemberChanges(c.name)
		c.fresh, c.silent, c.at = true, silent, at
	})
}

// Object implements member.Sink.
func (b *memberBox) Object(key ingest.Object, candidates []ingest.Candidate) {
	b.change(func(c *memberChanges) { c.objects[key] = candidates })
}

// Namespace implements member.Sink.
func (b *memberBox) Namespace(name string, ns *ingest.Namespace) {
	b.change(func(c *memberChanges) { c.namespaces[name] = ns })
}

// HostRule implements member.Sink.
func (b *memberBox) HostRule(namespace, name string, rule *ingest.HostRule) {
	b.change(func(c *memberChanges) { c.rules[[2]string{namespace, name}] = rule })
}

// Ready implements member.Sink.
func (b *memberBox) Ready() {
	b.change(func(c *memberChanges) { c.ready, c.silent, c.at = true, nil, time.Now() })
}

// Silent implements member.Sink.
func (b *memberBox) Silent(err error) {
	b.change(func(c *memberChanges) { c.ready, c.silent, c.at = false, err, time.Now() })
}
