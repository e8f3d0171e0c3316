package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/journal"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// open opens a journal and the store that it keeps.
func open(t *testing.T, cfg journal.Config) (*journal.Journal, *store.Store) {
	t.Helper()
	j, err := journal.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(store.Config{Namespace: "test"})
	if _, err := j.Restore(s); err != nil {
		t.Fatal(err)
	}
	if err := j.Start(s, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	return j, s
}

// objects is the content of a store without what counts commits.
func objects(t *testing.T, s *store.Store) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Snapshot(&out); err != nil {
		t.Fatal(err)
	}
	var all struct{ Deleted, Objects json.RawMessage }
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	return string(all.Deleted) + string(all.Objects)
}

func create(t testing.TB, s *store.Store, name string) *store.Object {
	t.Helper()
	o, err := s.Create("pool", map[string]any{"name": name})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// crash copies what the disk has at this instant, as a killed process leaves it.
func crash(t *testing.T, dir string) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestAcknowledgedWritesAreThereAfterACrash waits for writes of every kind, crashes, and compares.
func TestAcknowledgedWritesAreThereAfterACrash(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, s := open(t, journal.Config{Dir: dir})
	defer j.Close()
	for i := range 50 {
		o := create(t, s, fmt.Sprint("pool-", i))
		_, err := s.Patch("pool", o.UUID, map[string]any{"replace": map[string]any{"default_server_port": 100 + i}})
		g.Expect(err).NotTo(HaveOccurred())
		if i%3 == 0 {
			_, err := s.Delete("pool", o.UUID)
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
	again := create(t, s, "pool-0")
	g.Expect(j.Wait(s.Version())).To(Succeed())

	j2, s2 := open(t, journal.Config{Dir: crash(t, dir)})
	defer j2.Close()
	g.Expect(objects(t, s2)).To(Equal(objects(t, s)))
	_, err := s2.Delete("pool", again.UUID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(create(t, s2, "pool-0").UUID).NotTo(Equal(again.UUID), "deleted names are remembered too")
}

// TestAGrowingLogBecomesASnapshot has a log so small that every write turns the generation.
func TestAGrowingLogBecomesASnapshot(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, s := open(t, journal.Config{Dir: dir, LogMax: 1})
	for i := range 10 {
		create(t, s, fmt.Sprint("pool-", i))
		g.Expect(j.Wait(s.Version())).To(Succeed())
	}
	g.Expect(j.Close()).To(Succeed())
	snapshots, err := filepath.Glob(filepath.Join(dir, "snapshot-*.json"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(snapshots).To(HaveLen(1), "older generations are removed")
	g.Expect(filepath.Base(snapshots[0])).NotTo(Equal("snapshot-1.json"))
	j2, s2 := open(t, journal.Config{Dir: dir})
	defer j2.Close()
	g.Expect(objects(t, s2)).To(Equal(objects(t, s)))
}

// TestMoreThanTheHistoryHolds writes more at once than the store remembers changes.
func TestMoreThanTheHistoryHolds(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, err := journal.Open(journal.Config{Dir: dir})
	g.Expect(err).NotTo(HaveOccurred())
	s := store.New(store.Config{Namespace: "test", Limits: store.Limits{History: 8}})
	g.Expect(j.Start(s, nil)).To(Succeed())
	for i := range 200 {
		create(t, s, fmt.Sprint("pool-", i))
	}
	g.Expect(j.Close()).To(Succeed())
	j2, s2 := open(t, journal.Config{Dir: dir})
	defer j2.Close()
	g.Expect(objects(t, s2)).To(Equal(objects(t, s)))
}

// TestManyWritersShareTheDisk lets writers wait at once.
func TestManyWritersShareTheDisk(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, s := open(t, journal.Config{Dir: dir})
	defer j.Close()
	var writers sync.WaitGroup
	for w := range 16 {
		writers.Go(func() {
			for i := range 10 {
				create(t, s, fmt.Sprint(w, "-", i))
				if err := j.Wait(s.Version()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	j2, s2 := open(t, journal.Config{Dir: crash(t, dir)})
	defer j2.Close()
	g.Expect(s2.Len("pool")).To(Equal(160))
}

// TestTornAndDamagedLogs cuts the log anywhere in its last line, and damages it elsewhere.
func TestTornAndDamagedLogs(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, s := open(t, journal.Config{Dir: dir})
	for _, name := range []string{"a", "b", "c"} {
		create(t, s, name)
	}
	g.Expect(j.Wait(s.Version())).To(Succeed())
	left := crash(t, dir)
	g.Expect(j.Close()).To(Succeed())
	name := filepath.Join(left, "journal-1.log")
	whole, err := os.ReadFile(name)
	g.Expect(err).NotTo(HaveOccurred())
	lines := bytes.SplitAfter(whole, []byte("\n"))
	before := len(lines[0]) + len(lines[1])

	restore := func(log []byte) (int, error) {
		at := crash(t, left)
		g.Expect(os.WriteFile(filepath.Join(at, "journal-1.log"), log, 0o600)).To(Succeed())
		j, err := journal.Open(journal.Config{Dir: at})
		g.Expect(err).NotTo(HaveOccurred())
		defer j.Close()
		s := store.New(store.Config{Namespace: "test"})
		_, err = j.Restore(s)
		return s.Len("pool"), err
	}
	for cut := before; cut < len(whole); cut += 17 {
		n, err := restore(whole[:cut])
		g.Expect(err).NotTo(HaveOccurred(), "cut at %d", cut)
		g.Expect(n).To(Equal(2), "cut at %d", cut)
	}
	n, err := restore(whole)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(n).To(Equal(3))
	damaged := bytes.Clone(whole)
	damaged[len(lines[0])/2] ^= 1
	_, err = restore(damaged)
	g.Expect(err).To(MatchError(ContainSubstring("journal-1.log: line 1: the check sum is wrong")))
}

func TestAFolderHasOneUser(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	j, _ := open(t, journal.Config{Dir: dir})
	_, err := journal.Open(journal.Config{Dir: dir})
	g.Expect(err).To(MatchError(ContainSubstring("in use by another process")))
	g.Expect(j.Close()).To(Succeed())
	j, _ = open(t, journal.Config{Dir: dir})
	g.Expect(j.Close()).To(Succeed())
}

// TestAFailingDiskAcknowledgesNothing takes the folder away, which makes the next generation fail.
func TestAFailingDiskAcknowledgesNothing(t *testing.T) {
	g := NewWithT(t)
	dir := filepath.Join(t.TempDir(), "data")
	j, err := journal.Open(journal.Config{Dir: dir, LogMax: 1})
	g.Expect(err).NotTo(HaveOccurred())
	s := store.New(store.Config{Namespace: "test"})
	failed := make(chan error, 1)
	g.Expect(j.Start(s, func(err error) { failed <- err })).To(Succeed())
	create(t, s, "a")
	g.Expect(j.Wait(s.Version())).To(Succeed())
	// A generation may be under way, whose files keep the folder from going at the first attempt.
	g.Eventually(func() error { return os.RemoveAll(dir) }).WithTimeout(20 * time.Second).Should(Succeed())
	create(t, s, "b")
	g.Expect(j.Wait(s.Version())).NotTo(Succeed())
	g.Eventually(failed).WithTimeout(20 * time.Second).Should(Receive())
	g.Expect(j.Close()).NotTo(Succeed())
}
