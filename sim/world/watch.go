package world

import (
	"fmt"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// startWatch lets the administrator ask every DNS virtual service for every GSLB service, again and again, as one does
// with dig in a loop during a failover. Resolvers ask so rarely that without it nobody would know when an authority
// changed its answer.
func (w *world) startWatch() {
	if w.scenario.Watch == 0 {
		return
	}
	for _, s := range w.top.GSLBSites() {
		if s.Controller.Passive {
			continue
		}
		for _, in := range w.scenario.Intents() {
			w.watch(s, in.Host)
		}
	}
}

func (w *world) watch(s *scenario.Site, host string) {
	key := fmt.Sprintf("watch/%s/%s", s.Name, host)
	phase := time.Duration(w.streams.of(key).Float64() * float64(w.scenario.Watch))
	var id uint16
	var ask func()
	ask = func() {
		w.loop.After(w.scenario.Watch, key, ask)
		id++
		q := new(mdns.Msg)
		q.SetQuestion(mdns.Fqdn(host), mdns.TypeA)
		q.Id = id
		resolverPort{w.dns, w.desk()}.Exchange(s.Engines.DNS, q, func(*mdns.Msg, error) {})
	}
	w.loop.After(phase, key, ask)
}

// flip logs that a DNS virtual service answers otherwise than before.
func (w *world) flip(server netip.Addr, a result.Answer) {
	key := w.text(server) + a.Name
	text := answerText(a)
	if before, asked := w.answers[key]; !asked || before != text {
		w.answers[key] = text
		w.rec.Event(a.By+"/dns", "answers", "%s with %s", a.Name, text)
	}
}
