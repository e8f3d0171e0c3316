package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// 16 clients change one object while others read it: no update is lost, no half of one is seen.
func TestManyWritersOfOneObject(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	o := create(t, s, "gslbservice", body{"name": "gs", "domain_names": []any{"first"}, "ttl": 1})
	var versions []uint64
	s.Subscribe(func(c store.Change) { versions = append(versions, c.Version) })
	const writers, each = 16, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := s.Patch("gslbservice", o.UUID, body{"add": body{"domain_names": []any{fmt.Sprintf("%d-%d", w, i)}}}); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			last := uint64(0)
			for range each {
				page, total := s.List("gslbservice", store.Query{})
				if total != 1 || page[0].Version < last {
					t.Errorf("%d objects, version %d after %d", total, page[0].Version, last)
				}
				last = page[0].Version
				if names := page[0].Body()["domain_names"].([]any); names[0] != "first" {
					t.Errorf("torn read: %v", names)
				}
			}
		})
	}
	wg.Wait()
	got, _ := s.Get("gslbservice", o.UUID)
	g.Expect(got.Body()["domain_names"]).To(HaveLen(1 + writers*each))
	g.Expect(got.Body()["configpb_attributes"]).To(Equal(body{"version": int64(1 + writers*each)}))
	g.Expect(slices.IsSorted(versions)).To(BeTrue())
	g.Expect(versions).To(HaveLen(writers * each))
}

// Of 16 clients that send back what they read, one wins each round; the others are told to read again.
func TestStaleWritersAreTold(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	o := monitor(t, s, "hm")
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := s.Update("healthmonitor", o.UUID, o.Body())
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if store.StatusOf(err) != 412 {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	g.Expect(won).To(Equal(1))
}

// Any sequence of writes leaves the store as a plain map of names would have it, with the references whole.
func TestAgainstAModel(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			s := newStore()
			monitors, services := map[string]string{}, map[string][]string{} // name to uuid; name to names of monitors
			pick := func(m map[string]string) string {
				var names []string
				for n := range m {
					names = append(names, n)
				}
				slices.Sort(names)
				if len(names) == 0 {
					return "none"
				}
				return names[random.IntN(len(names))]
			}
			for range 300 {
				name := string(rune('a' + random.IntN(6)))
				switch random.IntN(4) {
				case 0:
					o, err := s.Create("healthmonitor", body{"name": name, "type": "HEALTH_MONITOR_PING"})
					if _, exists := monitors[name]; exists != (err != nil) {
						t.Fatalf("create %s: %v", name, err)
					}
					if err == nil {
						monitors[name] = o.UUID
					}
				case 1:
					used := slices.ContainsFunc(mapValues(services), func(list []string) bool { return slices.Contains(list, name) })
					uuid, exists := monitors[name]
					_, err := s.Delete("healthmonitor", uuid)
					if (err == nil) != (exists && !used) {
						t.Fatalf("delete %s: exists %v, used %v, %v", name, exists, used, err)
					}
					if err == nil {
						delete(monitors, name)
					}
				case 2:
					uses := pick(monitors)
					b := body{"name": name, "health_monitor_refs": []any{"/api/healthmonitor?name=" + uses}}
					old, exists := s.Lookup("gslbservice", "admin", name)
					var err error
					if exists {
						_, err = s.Update("gslbservice", old.UUID, b)
					} else {
						_, err = s.Create("gslbservice", b)
					}
					if (err == nil) != (uses != "none") {
						t.Fatalf("write %s using %s: %v", name, uses, err)
					}
					if err == nil {
						services[name] = []string{uses}
					}
				case 3:
					if o, ok := s.Lookup("gslbservice", "admin", name); ok {
						if _, err := s.Delete("gslbservice", o.UUID); err != nil {
							t.Fatal(err)
						}
						delete(services, name)
					}
				}
				compare(t, s, monitors, services)
			}
		})
	}
}

func mapValues(m map[string][]string) [][]string {
	var out [][]string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func compare(t *testing.T, s *store.Store, monitors map[string]string, services map[string][]string) {
	t.Helper()
	if s.Len("healthmonitor") != len(monitors) || s.Len("gslbservice") != len(services) {
		t.Fatalf("%d monitors and %d services, want %d and %d", s.Len("healthmonitor"), s.Len("gslbservice"), len(monitors), len(services))
	}
	for name, uuid := range monitors {
		var by []string
		for _, o := range s.ReferredBy(uuid) {
			by = append(by, o.Name)
		}
		var want []string
		for service, uses := range services {
			if slices.Contains(uses, name) {
				want = append(want, service)
			}
		}
		slices.Sort(want)
		if strings.Join(by, " ") != strings.Join(want, " ") {
			t.Fatalf("%s is referred by %v, want %v", name, by, want)
		}
	}
}
