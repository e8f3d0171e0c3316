package fakeavi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// story runs some hours with failures and returns everything that was observed, and the databases at its end.
func story(t *testing.T) (out string) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		w.controllerOff(w.regions[0])
		w.Pass(time.Minute)
		w.Now(func() { g.Expect(w.regions[2].Node().ChangeLeader(w.regions[2].ClusterUUID(), nil)).To(Succeed()) })
		w.siteOn(w.regions[1])
		w.Pass(time.Hour)
		w.controllerOn(w.regions[0])
		w.Now(func() { w.regions[2].Engine("app-group").SetApp(w.regions[2].pool, engine.App{Code: 500}) })
		w.Pass(time.Hour)
		g.Expect(w.regions[2].patch(w, "gslbservice", service, map[string]any{"ttl": 3})).To(Succeed())
		w.Pass(time.Hour)
		var b strings.Builder
		for _, e := range w.log {
			fmt.Fprintln(&b, e.At, e.Text)
		}
		for _, r := range w.regions {
			fmt.Fprintln(&b, r.name, w.ask(r), r.Federation())
			g.Expect(r.Store().Snapshot(&b)).To(Succeed())
		}
		out = b.String()
	})
	return out
}

func TestSameSeedSameStory(t *testing.T) {
	g := NewWithT(t)
	first := story(t)
	g.Expect(strings.Count(first, "\n")).To(BeNumerically(">", 20))
	for range 2 {
		g.Expect(story(t)).To(Equal(first))
	}
}
