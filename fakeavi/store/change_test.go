package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestHooks(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	var calls []string
	s.Prepare(func(d *store.Draft) error {
		calls = append(calls, fmt.Sprint("prepare ", d.Op, " ", d.Body["name"], " old ", d.Old != nil))
		d.Body["description"] = "prepared " + d.UUID
		_, total := s.List(d.Type, store.Query{}) // reading is allowed
		if total > 5 {
			return errors.New("unreachable")
		}
		return nil
	})
	s.Admit(func(op store.Op, old, now *store.Object) error {
		calls = append(calls, fmt.Sprint("admit ", op, " ", old != nil, " ", now != nil))
		if now != nil && now.Name == "bad" {
			return store.NotLeader()
		}
		return nil
	})
	o := monitor(t, s, "a")
	g.Expect(o.Body()).To(HaveKeyWithValue("description", "prepared "+o.UUID))
	o, err := s.Patch("healthmonitor", o.UUID, body{"add": body{"send_interval": 20}})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = s.Delete("healthmonitor", o.UUID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(calls).To(Equal([]string{
		"prepare created a old false", "admit created false true", "prepare updated a old true", "admit updated true true", "admit deleted true false",
	}))

	_, err = s.Create("healthmonitor", body{"name": "bad", "type": "HEALTH_MONITOR_PING"})
	g.Expect(err).To(refused(400, "Config Operations can be done ONLY on leader"))
	_, ok := s.Lookup("healthmonitor", "admin", "bad")
	g.Expect(ok).To(BeFalse())
	monitor(t, s, "bad", store.System())
	_, ok = s.Lookup("healthmonitor", "admin", "bad")
	g.Expect(ok).To(BeTrue(), "the controller's own writes are not asked about")
}

func TestSubscribersSeeCommitsInOrder(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	var seen []string
	cancel := s.Subscribe(func(c store.Change) {
		seen = append(seen, fmt.Sprint(c.Version, " ", c.Op, " ", c.Object().Name))
		current, ok := s.Get(c.Object().Type, c.Object().UUID)
		if c.Op == store.Deleted {
			g.Expect(ok).To(BeFalse())
		} else {
			g.Expect(current.Version).To(BeNumerically(">=", c.Version))
		}
		if c.Op == store.Created && c.New.Name == "a" { // writing is allowed; its change comes after this one
			monitor(t, s, "b")
			seen = append(seen, "a handled")
		}
	})
	var second []uint64
	s.Subscribe(func(c store.Change) { second = append(second, c.Version) })
	a := monitor(t, s, "a")
	_, err := s.Delete("healthmonitor", a.UUID)
	g.Expect(err).NotTo(HaveOccurred())
	cancel()
	monitor(t, s, "c")
	g.Expect(seen).To(Equal([]string{"2 created a", "a handled", "3 created b", "4 deleted a"}))
	g.Expect(second).To(Equal([]uint64{2, 3, 4, 5}))
}

func TestASubscribersPanicDoesNotStopTheFeed(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	seen := 0
	s.Subscribe(func(store.Change) {
		if seen++; seen == 1 {
			panic("once")
		}
	})
	g.Expect(func() { monitor(t, s, "a") }).To(Panic())
	monitor(t, s, "b")
	g.Expect(seen).To(Equal(2))
}

func TestSince(t *testing.T) {
	g := NewWithT(t)
	s := store.New(store.Config{Limits: store.Limits{History: 3}})
	start := s.Version()
	for _, name := range []string{"a", "b", "c"} {
		monitor(t, s, name)
	}
	names := func(from uint64) string {
		changes, ok := s.Since(from)
		if !ok {
			return "too old"
		}
		var out []string
		for i, c := range changes {
			g.Expect(c.Version).To(Equal(from + uint64(i) + 1))
			out = append(out, c.Object().Name)
		}
		return strings.Join(out, " ")
	}
	g.Expect(names(start)).To(Equal("a b c"))
	g.Expect(names(start + 2)).To(Equal("c"))
	g.Expect(names(s.Version())).To(BeEmpty())
	monitor(t, s, "d")
	g.Expect(names(start)).To(Equal("too old"))
	g.Expect(names(start + 1)).To(Equal("b c d"))
	g.Expect(names(s.Version() + 1)).To(Equal("too old"))
}

func TestApply(t *testing.T) {
	g := NewWithT(t)
	leader, follower := newStore(), store.New(store.Config{Namespace: "follower"})
	follower.Admit(func(store.Op, *store.Object, *store.Object) error { return store.NotLeader() })
	var seen []store.Change
	follower.Subscribe(func(c store.Change) { seen = append(seen, c) })

	start := leader.Version()
	hm := monitor(t, leader, "hm")
	gs := create(t, leader, "gslbservice", body{"name": "gs", "health_monitor_refs": []any{hm.UUID}})
	gs, err := leader.Patch("gslbservice", gs.UUID, body{"add": body{"ttl": 5}})
	g.Expect(err).NotTo(HaveOccurred())
	changes, ok := leader.Since(start)
	g.Expect(ok).To(BeTrue())
	before := follower.Version()
	g.Expect(follower.Apply(changes)).To(Succeed())
	g.Expect(follower.Version()).To(Equal(before + 3))
	g.Expect(seen).To(HaveLen(3))

	copied, ok := follower.Get("gslbservice", gs.UUID)
	g.Expect(ok).To(BeTrue())
	g.Expect(copied.Body()).To(Equal(gs.Body()))
	g.Expect(copied.Modified).To(Equal(gs.Modified))
	g.Expect(copied.Version).To(Equal(follower.Version()))
	g.Expect(follower.ReferredBy(hm.UUID)).To(HaveLen(1))

	g.Expect(follower.Apply([]store.Change{
		{Op: store.Created, New: gs}, {Op: store.Deleted, Old: gs}, {Op: store.Deleted, Old: gs}, {Op: store.Updated, New: hm},
	})).To(Succeed())
	var ops []store.Op
	for _, c := range seen[3:] {
		ops = append(ops, c.Op)
	}
	g.Expect(ops).To(Equal([]store.Op{store.Updated, store.Deleted, store.Updated}), "operations are what they turned out to be here")

	before = follower.Version()
	g.Expect(follower.Apply([]store.Change{{Op: store.Created, New: gs}, {Op: store.Updated}})).To(
		MatchError("apply change 2 of 2: updated without its object"))
	g.Expect(follower.Apply([]store.Change{{Op: store.Deleted, New: gs, Old: gs}})).NotTo(Succeed())
	g.Expect(follower.Apply([]store.Change{{Op: store.Created, New: &store.Object{Type: "pool"}}})).NotTo(Succeed())
	g.Expect(follower.Version()).To(Equal(before), "none is applied")
}

func TestWritesOfAFollowerAreNewerThanReplicatedOnes(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	future := monitor(t, s, "a").Record()
	future.Modified += 1e12
	o, err := s.Object(future)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Apply([]store.Change{{Op: store.Updated, New: o}})).To(Succeed())
	g.Expect(monitor(t, s, "b").Modified).To(BeNumerically(">", future.Modified))
}

func TestSnapshotAndRestore(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	create(t, s, "tenant", body{"name": "blue"})
	hm := monitor(t, s, "hm", store.InTenant("blue"))
	create(t, s, "gslb", body{"name": "Default", "leader_cluster_uuid": "c", "view_id": uint64(1 << 63),
		"third_party_sites": []any{body{"name": "t", "cluster_uuid": "tp_cluster-1"}}}, store.System())
	gone := monitor(t, s, "gone")
	_, err := s.Delete("healthmonitor", gone.UUID)
	g.Expect(err).NotTo(HaveOccurred())
	var first, second bytes.Buffer
	g.Expect(s.Snapshot(&first)).To(Succeed())

	other := newStore()
	monitor(t, other, "surplus")
	var seen []string
	other.Subscribe(func(c store.Change) { seen = append(seen, fmt.Sprint(c.Op, " ", c.Object().Type)) })
	g.Expect(other.Restore(bytes.NewReader(first.Bytes()))).To(Succeed())
	g.Expect(other.Snapshot(&second)).To(Succeed())
	g.Expect(seen).To(Equal([]string{"deleted healthmonitor", "created gslb", "created healthmonitor", "updated tenant", "created tenant"}))

	restored, ok := other.Get("healthmonitor", hm.UUID)
	g.Expect(ok).To(BeTrue())
	g.Expect(cmp.Diff(hm.Body(), restored.Body())).To(BeEmpty())
	g.Expect(restored.Tenant).To(Equal("blue"))
	gslb, _ := other.List("gslb", store.Query{})
	g.Expect(gslb[0].Body()).To(HaveKeyWithValue("view_id", uint64(1<<63)))
	g.Expect(monitor(t, other, "gone").UUID).To(Equal(monitor(t, s, "gone").UUID), "names of deleted objects are remembered")
	_, ok = other.Since(0)
	g.Expect(ok).To(BeFalse())
	var third bytes.Buffer
	g.Expect(s.Restore(bytes.NewReader(second.Bytes()))).To(Succeed())
	g.Expect(s.Snapshot(&third)).To(Succeed())
	g.Expect(withoutVersion(third.String())).To(Equal(withoutVersion(first.String())), "equal stores give equal bytes")

	for _, damaged := range []string{"", "{", `{"objects":[]}`, `{"objects":[{"type":"x"}]}`, `{"objects":[{"type":"tenant","uuid":"admin"}]}`} {
		before := other.Version()
		g.Expect(other.Restore(strings.NewReader(damaged))).NotTo(Succeed(), damaged)
		g.Expect(other.Version()).To(Equal(before))
	}
}

// withoutVersion cuts the counters off, which go on after a restore.
func withoutVersion(snapshot string) string {
	_, rest, _ := strings.Cut(snapshot, `"deleted"`)
	return rest
}

func TestDecode(t *testing.T) {
	g := NewWithT(t)
	o := monitor(t, newStore(), "hm")
	var into struct {
		UUID         string
		SendInterval int `json:"send_interval"`
	}
	g.Expect(o.Decode(&into)).To(Succeed())
	g.Expect(into.UUID).To(Equal(o.UUID))
	g.Expect(into.SendInterval).To(Equal(10))
	var wrong []string
	g.Expect(o.Decode(&wrong)).NotTo(Succeed())
}

func TestMemo(t *testing.T) {
	g := NewWithT(t)
	o := monitor(t, newStore(), "hm")
	calls := 0
	build := func() any { calls++; return calls }
	g.Expect(o.Memo("k", build)).To(Equal(1))
	g.Expect(o.Memo("k", build)).To(Equal(1))
	for i := range 20 {
		o.Memo(fmt.Sprint(i), build)
	}
	before := calls
	o.Memo("19", build)
	g.Expect(calls).To(Equal(before+1), "an object keeps few values")
}
