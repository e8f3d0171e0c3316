package server_test

import (
	"context"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/dns/server"
)

// kept are the entries of a query log, to be read once it is closed.
type kept struct{ entries []querylog.Entry }

func (k *kept) Write(e *querylog.Entry) error {
	k.entries = append(k.entries, *e)
	return nil
}

func (*kept) Flush() error { return nil }

// The query log gets what was asked over both transports, with both ends' addresses, and the metrics tell of it.
func TestQueryLog(t *testing.T) {
	g := NewWithT(t)
	var out kept
	log := querylog.NewStream(querylog.StreamConfig{Policy: querylog.Policy{Full: 2}, VirtualService: "vs", ServiceEngine: "se", Writer: &out})
	s := start(t, server.Config{QueryLog: log, RateLimit: server.RateLimit{PerSecond: 1000}})
	before := time.Now()
	ask(t, "udp", s, question("app.gslb.example."))
	ask(t, "tcp", s, question("big.gslb.example."))
	ask(t, "udp", s, question("no.gslb.example."))
	for range 20 { // more than two a second, however slow the machine is
		ask(t, "udp", s, question("app.gslb.example."))
	}
	g.Expect(s.Shutdown(context.Background())).To(Succeed())
	log.Close() // what still waited is written and counted
	registry := prometheus.NewRegistry()
	registry.MustRegister(server.Metrics{Server: s})
	families, err := registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())
	counted := 0.0
	for _, family := range families {
		if family.GetName() == "gslbsim_dns_query_log_total" {
			for _, m := range family.GetMetric() {
				counted += m.GetCounter().GetValue()
			}
		}
	}
	g.Expect(s.Stats().QueryLog.Throttled).To(BeNumerically(">", 0))
	g.Expect(s.Stats().QueryLog.Written).To(BeEquivalentTo(len(out.entries)))
	g.Expect(counted).To(BeEquivalentTo(23))

	g.Expect(len(out.entries)).To(BeNumerically(">=", 3))
	app, big, no := out.entries[0], out.entries[1], out.entries[2]
	g.Expect(app.FQDN).To(Equal("app.gslb.example"))
	g.Expect(app.IPs).To(HaveLen(1))
	g.Expect(app.GSLBPoolName).To(Equal("p"))
	g.Expect(app.Start).To(BeTemporally("~", before, 5*time.Second))
	g.Expect(app.VSPort).To(Equal(s.Addresses()[0].Port()))
	g.Expect(app.ClientPort).NotTo(BeZero())
	g.Expect(big.TCP).To(BeTrue())
	g.Expect(big.IPs).To(HaveLen(bigMembers))
	g.Expect(big.VSAddr).To(Equal(s.Addresses()[0].Addr()))
	g.Expect(big.VSPort).To(Equal(s.Addresses()[0].Port()))
	g.Expect(big.ClientPort).NotTo(BeZero())
	g.Expect(no.Response.Rcode).To(Equal(mdns.RcodeNameError))
	g.Expect(no.Significance).To(Equal(querylog.NoRecord))
}
