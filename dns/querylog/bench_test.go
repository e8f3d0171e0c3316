package querylog_test

import (
	"testing"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

type nowhere struct{}

func (nowhere) Write(*querylog.Entry) error { return nil }
func (nowhere) Flush() error                { return nil }

// BenchmarkStream is what an answer costs the server's worker: without a log, with one that throttles, and with one that
// takes everything as long as it can.
func BenchmarkStream(b *testing.B) {
	for name, policy := range map[string]*querylog.Policy{"none": nil, "throttled": {Significant: 10, Full: 10}, "all": {}} {
		b.Run(name, func(b *testing.B) {
			var s *querylog.Stream
			if policy != nil {
				s = querylog.NewStream(querylog.StreamConfig{Policy: *policy, Writer: nowhere{}})
				defer s.Close()
			}
			w := canary().NewWorker()
			wire, _ := new(mdns.Msg).SetQuestion("hello.avi.iberia.local.", mdns.TypeA).Pack()
			buf := make([]byte, dns.MaxUDPSize)
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				reply, v := w.Answer(wire, buf, dns.Client{})
				if s != nil && s.Wants(&v, now) {
					s.Note(&querylog.Exchange{Query: wire, Reply: reply, Decision: w.Decision(v), At: now})
				}
			}
		})
	}
}
