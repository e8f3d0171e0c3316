package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

var roomy = store.Limits{Objects: 1000, HistoryEvents: 1000, HistoryBytes: 1 << 20, WatchLag: 1000}

func put(t *testing.T, s *store.Store, table *store.Table, namespace, name string, value any) *store.Object {
	t.Helper()
	var o *store.Object
	err := s.Update(func(tx *store.Tx) (err error) {
		o, err = tx.Put(table, &metav1.ObjectMeta{Namespace: namespace, Name: name}, map[string]any{"value": value}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func remove(t *testing.T, s *store.Store, table *store.Table, namespace, name string) *store.Object {
	t.Helper()
	var o *store.Object
	if err := s.Update(func(tx *store.Tx) error { o = tx.Delete(table, namespace, name); return nil }); err != nil {
		t.Fatal(err)
	}
	return o
}

func text(objects []*store.Object) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, string(o.AppendJSON(nil, "")))
	}
	return out
}

func TestPutEncodesOnceAndSkipsWhatIsEqual(t *testing.T) {
	g := NewWithT(t)
	s := store.New(roomy)
	table := s.NewTable()
	first := put(t, s, table, "a", "x", int64(1))
	g.Expect(string(first.AppendJSON(nil, `"kind":"K",`))).To(Equal(
		`{"kind":"K","metadata":{"name":"x","namespace":"a","resourceVersion":"2"},"value":1}`))
	g.Expect(string(first.AppendMetadata(nil, ""))).To(Equal(`{"metadata":{"name":"x","namespace":"a","resourceVersion":"2"}}`))

	w, err := table.Watch(s.RV())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(put(t, s, table, "a", "x", int64(1))).To(BeIdenticalTo(first))
	g.Expect(s.RV()).To(Equal(first.RV), "an equal object must not be committed")
	events, _, drained, err := w.Next(nil, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(events).To(BeEmpty())
	g.Expect(drained).To(BeTrue())

	g.Expect(put(t, s, table, "a", "x", int64(2)).RV).To(Equal(first.RV + 1))
}

func TestListIsSortedAndKeepsNamespacesApart(t *testing.T) {
	g := NewWithT(t)
	s := store.New(roomy)
	table := s.NewTable()
	for _, key := range [][2]string{{"b", "x"}, {"a", "z"}, {"a-b", "y"}, {"a", "a"}, {"ab", "a"}} {
		put(t, s, table, key[0], key[1], "v")
	}
	names := func(namespace string) []string {
		objects, _ := table.List(namespace)
		var out []string
		for _, o := range objects {
			out = append(out, o.Meta.Namespace+"/"+o.Meta.Name)
		}
		return out
	}
	g.Expect(names("")).To(Equal([]string{"a-b/y", "a/a", "a/z", "ab/a", "b/x"}), "etcd's order of keys")
	g.Expect(names("a")).To(Equal([]string{"a/a", "a/z"}))
	g.Expect(names("c")).To(BeEmpty())
}

func TestWatchSeesCommitsInOrder(t *testing.T) {
	g := NewWithT(t)
	s := store.New(roomy)
	table, other := s.NewTable(), s.NewTable()
	put(t, s, table, "", "x", 0)
	from := s.RV()
	w, err := table.Watch(from)
	g.Expect(err).NotTo(HaveOccurred())
	put(t, s, table, "", "x", 1)
	put(t, s, other, "", "x", 1)
	put(t, s, table, "", "y", 1)
	last := remove(t, s, table, "", "x")
	put(t, s, other, "", "x", 2)

	g.Eventually(w.Wake()).WithTimeout(20 * time.Second).Should(Receive())
	events, reached, drained, err := w.Next(nil, 2)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(drained).To(BeFalse())
	g.Expect(reached).To(Equal(events[1].Object.RV))
	more, reached, drained, err := w.Next(nil, 2)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(drained).To(BeTrue())
	g.Expect(reached).To(Equal(s.RV()), "a drained watcher knows what other tables have committed")
	var seen []string
	for _, e := range append(events, more...) {
		seen = append(seen, fmt.Sprintf("%s %s %d", e.Type, e.Object.Meta.Name, e.Object.RV-from))
	}
	g.Expect(seen).To(Equal([]string{"MODIFIED x 1", "ADDED y 3", "DELETED x 4"}))
	g.Expect(last.Meta.ResourceVersion).To(Equal(fmt.Sprint(from + 4)))

	again, err := table.Watch(from + 1)
	g.Expect(err).NotTo(HaveOccurred())
	resumed, _, _, err := again.Next(nil, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(resumed).To(HaveLen(2))
}

func TestOldHistoryIsForgotten(t *testing.T) {
	for name, limits := range map[string]store.Limits{
		"by events": {Objects: 10, HistoryEvents: 5, HistoryBytes: 1 << 20, WatchLag: 100},
		"by bytes":  {Objects: 10, HistoryEvents: 100, HistoryBytes: 300, WatchLag: 100},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := store.New(limits)
			table := s.NewTable()
			start := s.RV()
			for i := range 20 {
				put(t, s, table, "", "x", i)
			}
			_, err := table.Watch(start)
			g.Expect(err).To(MatchError(store.ErrExpired))
			_, err = table.ListAt("", start)
			g.Expect(err).To(MatchError(store.ErrExpired))
			g.Expect(table.OldestRV()).To(BeNumerically(">=", s.RV()-5))
			w, err := table.Watch(table.OldestRV())
			g.Expect(err).NotTo(HaveOccurred())
			events, _, _, err := w.Next(nil, 100)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(events).To(HaveLen(int(s.RV() - table.OldestRV())))
		})
	}
}

func TestSlowWatcherIsEnded(t *testing.T) {
	g := NewWithT(t)
	s := store.New(store.Limits{Objects: 10, HistoryEvents: 2, HistoryBytes: 1 << 20, WatchLag: 10})
	table := s.NewTable()
	w, err := table.Watch(s.RV())
	g.Expect(err).NotTo(HaveOccurred())
	for i := range 10 {
		put(t, s, table, "", "x", i)
	}
	events, _, _, err := w.Next(nil, 5)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(events).To(HaveLen(5), "a watcher keeps what it has not read, though the history is shorter")
	for i := range 6 {
		put(t, s, table, "", "x", -i-1)
	}
	_, _, _, err = w.Next(nil, 5)
	g.Expect(err).To(MatchError(store.ErrLagging))
}

func TestDropEndsWatchersAfterWhatIsCommitted(t *testing.T) {
	g := NewWithT(t)
	s := store.New(roomy)
	table := s.NewTable()
	before := s.RV()
	w, err := table.Watch(before)
	g.Expect(err).NotTo(HaveOccurred())
	put(t, s, table, "", "x", 1)
	s.Drop()
	put(t, s, table, "", "x", 2)
	g.Expect(w.Wake()).To(Receive())
	events, _, drained, err := w.Next(nil, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(drained).To(BeFalse())
	g.Expect(events).To(HaveLen(1))
	_, _, _, err = w.Next(nil, 10)
	g.Expect(err).To(MatchError(store.ErrStopped))
	w.Stop()

	_, err = table.Watch(before)
	g.Expect(err).To(MatchError(store.ErrExpired))
	_, err = table.Watch(before + 1)
	g.Expect(err).NotTo(HaveOccurred(), "who knew everything may go on")
	g.Expect(table.Get("", "x").RV).To(Equal(s.RV()), "objects stay")
}

func TestObjectLimit(t *testing.T) {
	g := NewWithT(t)
	s := store.New(store.Limits{Objects: 2, HistoryEvents: 10, HistoryBytes: 1 << 20, WatchLag: 10})
	table, other := s.NewTable(), s.NewTable()
	put(t, s, table, "", "x", 1)
	put(t, s, other, "", "y", 1)
	full := func() error {
		return s.Update(func(tx *store.Tx) error {
			_, err := tx.Put(table, &metav1.ObjectMeta{Name: "z"}, nil, nil)
			return err
		})
	}
	g.Expect(full()).To(MatchError(store.ErrFull))
	put(t, s, table, "", "x", 2)
	remove(t, s, other, "", "y")
	g.Expect(full()).To(Succeed())
	s.RemoveTable(table)
	put(t, s, other, "", "a", 1)
	put(t, s, other, "", "b", 1)
}

// TestListAtRemembers compares lists of the past with copies made at the time, over random histories.
func TestListAtRemembers(t *testing.T) {
	for seed := range uint64(20) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 0))
		s := store.New(roomy)
		table := s.NewTable()
		states := map[uint64][]string{}
		for range 100 {
			namespace, name := fmt.Sprintf("n%d", random.IntN(3)), fmt.Sprintf("o%d", random.IntN(5))
			if random.IntN(3) == 0 {
				remove(t, s, table, namespace, name)
			} else {
				put(t, s, table, namespace, name, random.IntN(4))
			}
			objects, rv := table.List("n1")
			states[rv] = text(objects)
		}
		for rv, want := range states {
			objects, err := table.ListAt("n1", rv)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(text(objects)).To(Equal(want), "seed %d, resource version %d", seed, rv)
		}
		_, err := table.ListAt("n1", s.RV()+1)
		g.Expect(err).To(MatchError(store.ErrFuture))
	}
}

// TestWatchRebuildsTheTable replays the events of a watch and compares the outcome with the table, over random histories.
func TestWatchRebuildsTheTable(t *testing.T) {
	for seed := range uint64(20) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 1))
		s := store.New(roomy)
		table := s.NewTable()
		first, _, w := table.ListAndWatch("")
		replica := map[string]*store.Object{}
		g.Expect(first).To(BeEmpty())
		for range 100 {
			name := fmt.Sprintf("o%d", random.IntN(5))
			if random.IntN(3) == 0 {
				remove(t, s, table, "", name)
			} else {
				put(t, s, table, "", name, random.IntN(4))
			}
		}
		for drained := false; !drained; {
			var events []store.Event
			var err error
			events, _, drained, err = w.Next(nil, 7)
			g.Expect(err).NotTo(HaveOccurred())
			for _, e := range events {
				name := e.Object.Meta.Name
				g.Expect(e.Prev).To(BeIdenticalTo(replica[name]), "seed %d", seed)
				if replica[name] = e.Object; e.Type == watch.Deleted {
					delete(replica, name)
				}
			}
		}
		objects, _ := table.List("")
		g.Expect(objects).To(HaveLen(len(replica)))
		for _, o := range objects {
			g.Expect(replica[o.Meta.Name]).To(BeIdenticalTo(o))
		}
	}
}
