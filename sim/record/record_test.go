package record_test

import (
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/record"
	"github.com/gslbsim/gslbsim/sim/result"
)

func TestEventsOfOneInstantComeInOneOrder(t *testing.T) {
	g := NewWithT(t)
	var first []result.Event
	for range 20 {
		g.Expect(bubble.In(t)(func() {
			r := record.New(time.Now().Add(time.Minute))
			var all sync.WaitGroup
			for _, actor := range []string{"c", "a", "b"} {
				all.Go(func() { r.Event(actor, "boot", "%s starts", actor) })
			}
			all.Wait()
			events, _ := r.Close()
			g.Expect(events[0].At.Duration()).To(Equal(-time.Minute))
			if first == nil {
				first = events
			}
			g.Expect(events).To(Equal(first))
		})).To(Succeed())
	}
}

func TestObservationsStartAtClockZeroAndEndWithClose(t *testing.T) {
	g := NewWithT(t)
	g.Expect(bubble.In(t)(func() {
		r := record.New(time.Now().Add(time.Second))
		r.Client(result.Answer{Name: "too early"})
		time.Sleep(3 * time.Second)
		r.Client(result.Answer{Name: "kept"})
		r.Authoritative(result.Answer{Name: "kept too"})
		r.Change("dark", true)
		_, e := r.Close()
		r.Client(result.Answer{Name: "too late"})
		r.Event("x", "late", "")
		events, again := r.Close()
		g.Expect(events).To(BeEmpty())
		g.Expect(again).To(Equal(e))
		g.Expect(e.Client).To(Equal([]result.Answer{{At: 2 * time.Second, Name: "kept"}}))
		g.Expect(e.Authoritative).To(HaveLen(1))
		g.Expect(e.Changes).To(Equal([]result.Change{{Fault: "dark", Ends: true, At: 2 * time.Second}}))
	})).To(Succeed())
}

func TestDigestSeesEveryDifference(t *testing.T) {
	g := NewWithT(t)
	events := []result.Event{{Nanos: 1, Actor: "a", Kind: "b", Text: "c"}}
	evidence := result.Evidence{Client: []result.Answer{{At: 1, By: "r", Addr: "10.0.0.1"}}}
	base := record.Digest(events, evidence)
	g.Expect(base).To(HaveLen(64))
	g.Expect(record.Digest(events, evidence)).To(Equal(base))
	for name, other := range map[string]string{
		"text moved": record.Digest([]result.Event{{Nanos: 1, Actor: "ab", Kind: "", Text: "c"}}, evidence),
		"time":       record.Digest([]result.Event{{Nanos: 2, Actor: "a", Kind: "b", Text: "c"}}, evidence),
		"answer":     record.Digest(events, result.Evidence{Client: []result.Answer{{At: 1, By: "r", Addr: "10.0.0.2"}}}),
		"layer":      record.Digest(events, result.Evidence{Authoritative: evidence.Client}),
	} {
		g.Expect(other).NotTo(Equal(base), name)
	}
}
