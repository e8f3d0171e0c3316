package control_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

var lives = flag.Uint64("lives", 10, "how many random lives an operator lives through")

// TestAnyOrderAnyRestartAnyFailureEndsInTheSameObjects lets an operator live through random lives: objects, policies and settings
// come, change and go, clusters and controllers fail in all manners, it is restarted at
// any point, and in some lives a follower takes over and hands back. When all is well again,
// the controller must hold what a new operator makes on an empty controller, a restart must write nothing, the policies must have the same verdicts, and what
// is not the operator's must be as it was.
//
// Shows: own-order, federation-takeover
func TestAnyOrderAnyRestartAnyFailureEndsInTheSameObjects(t *testing.T) {
	happened, made := map[string]int{}, map[string]int{}
	lived := 0
	for seed := range *lives {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLife(t, seed)
				defer l.end()
				l.start()
				for range 100 {
					l.event()
				}
				l.settleDown()
				l.pass(3 * time.Hour)
				got := l.outcome()
				l.sites[l.leading].Calls()
				l.end()
				l.start()
				l.pass(time.Minute)
				for _, call := range kinds(l.sites[l.leading].Calls()) {
					// The service that somebody else has made is asked for once more.
					l.g.Expect(call).To(Equal("POST gslbservice"), "a restart at the end writes nothing")
				}
				l.end()
				l.beginAnew()
				l.start()
				l.pass(time.Hour)
				if diff := cmp.Diff(l.outcome(), got); diff != "" {
					t.Errorf("after this life\n%s\nit differs from a clean pass (-) in\n%s", strings.Join(l.log, "\n"), diff)
				}
				lived++
				for _, line := range l.log {
					event, _, _ := strings.Cut(line, ",")
					happened[event]++
				}
				if calls := int(l.byFollower.Load()); calls > 0 {
					l.made["by a follower"] = calls
				}
				for kind, n := range l.made {
					made[kind] += n
				}
			})
		})
	}
	if t.Failed() || lived < 10 {
		return // too few to have met everything
	}
	g := NewWithT(t)
	for _, e := range (&life{}).alphabet() {
		g.Expect(happened).To(HaveKey(e.name), "every event happens in some life")
	}
	for _, kind := range []string{"INGRESS/", "LBSVC/", "ROUTE/", "MCI/", "HTTPROUTE/", "TLSROUTE/", "TCPROUTE/", "import", "by a follower"} {
		g.Expect(made).To(HaveKey(kind), "of every kind of object a service is made in some life")
	}
}

// TestADifferenceWouldBeNoticed shows that the comparison above sees what an operator could get wrong.
func TestADifferenceWouldBeNoticed(t *testing.T) {
	differences := map[string]func(c *avitest.Controller){
		"a service too few": func(c *avitest.Controller) { c.Remove("gslbservice", "admin", shop) },
		"a member too few": func(c *avitest.Controller) {
			c.Edit("gslbservice", "admin", shop, func(o map[string]any) { o["groups"] = nil })
		},
		"a monitor left over": func(c *avitest.Controller) { c.Remove("gslbservice", "admin", "other.example.com") },
		"another field": func(c *avitest.Controller) {
			c.Edit("gslbservice", "admin", shop, func(o map[string]any) { o["ttl"] = 5 })
		},
		"a monitor of another": func(c *avitest.Controller) {
			c.Put("healthmonitor", "admin", map[string]any{"name": "amko--x", "description": mark})
		},
	}
	for name, differ := range differences {
		inWorld(t, func(w *world) {
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.members["east"].Apply(ingress("other", "other.example.com", "10.1.0.2"))
			w.start()
			want, _ := objects(w.avi())
			w.g.Expect(want).To(HaveLen(4))
			w.stop()
			differ(w.avi())
			got, _ := objects(w.avi())
			w.g.Expect(got).NotTo(Equal(want), name)
		})
	}
}
