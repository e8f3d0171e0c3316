package server

import (
	"strings"

	mdns "github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gslbsim/gslbsim/dns"
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("gslbsim_dns_"+name, help, labels, nil)
}

var (
	queriesDesc     = describe("queries_total", "Messages that arrived.", "transport")
	outcomesDesc    = describe("outcomes_total", "Queries by what was done with them.", "transport", "outcome")
	dropsDesc       = describe("dropped_total", "Queries without a reply, by reason.", "transport", "reason")
	repliesDesc     = describe("replies_total", "Replies by response code.", "transport", "rcode")
	quickDesc       = describe("quick_total", "Queries answered without being parsed into a message.", "transport")
	truncatedDesc   = describe("truncated_total", "Replies cut to what the client takes.", "transport")
	limitedDesc     = describe("limited_total", "Queries above the rate limit, by what was done.", "transport", "treatment")
	unfitDesc       = describe("unfit_total", "Messages too long for a query, and datagrams from port 0.", "transport")
	unsentDesc      = describe("unsent_total", "Replies that the system did not take.", "transport")
	connectionsDesc = describe("tcp_connections", "TCP connections that are open.")
	acceptedDesc    = describe("tcp_accepted_total", "TCP connections that were served.")
	refusedDesc     = describe("tcp_refused_total", "TCP connections closed for being too many.")
	logDesc         = describe("query_log_total", "Queries by what became of their entries in the query log.", "treatment")
	servicesDesc    = describe("services", "GSLB services of the table in force.")
)

// Metrics makes a server's Stats readable for Prometheus. Registered in a
// registry it costs nothing until somebody scrapes.
type Metrics struct{ Server *Server }

var _ prometheus.Collector = Metrics{}

// Describe implements prometheus.Collector.
func (m Metrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect implements prometheus.Collector.
func (m Metrics) Collect(ch chan<- prometheus.Metric) {
	stats := m.Server.Stats()
	counter := func(desc *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(desc *prometheus.Desc, n int) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n))
	}
	collectTransport(counter, "udp", &stats.UDP)
	collectTransport(counter, "tcp", &stats.TCP)
	gauge(connectionsDesc, stats.Connections)
	counter(acceptedDesc, stats.Accepted)
	counter(refusedDesc, stats.Refused)
	if log := stats.QueryLog; log != nil {
		counter(logDesc, log.Written, "written")
		counter(logDesc, log.Throttled, "throttled")
		counter(logDesc, log.Overflowed, "overflowed")
		counter(logDesc, log.Failed, "failed")
	}
	if table := m.Server.responder.Table(); table != nil {
		gauge(servicesDesc, table.Len())
	}
}

func collectTransport(counter func(*prometheus.Desc, uint64, ...string), transport string, c *Counters) {
	counter(queriesDesc, c.Queries, transport)
	for outcome, n := range c.Outcomes {
		counter(outcomesDesc, n, transport, label(dns.Outcome(outcome).String()))
	}
	for reason, n := range c.Drops {
		if dns.DropReason(reason) != dns.NotDropped {
			counter(dropsDesc, n, transport, label(dns.DropReason(reason).String()))
		}
	}
	for code, n := range c.Rcodes {
		// Codes that have not occurred are left out: there are dozens which
		// the server never sends.
		if n > 0 {
			counter(repliesDesc, n, transport, mdns.RcodeToString[code])
		}
	}
	counter(quickDesc, c.Quick, transport)
	counter(truncatedDesc, c.Truncated, transport)
	counter(limitedDesc, c.Limited, transport, "dropped")
	counter(limitedDesc, c.Slipped, transport, "truncated")
	counter(unfitDesc, c.Unfit, transport)
	counter(unsentDesc, c.Unsent, transport)
}

// label turns words into a label value: "no IPv6 address" into
// "no_ipv6_address".
func label(words string) string {
	return strings.ToLower(strings.NewReplacer(" ", "_", "'", "").Replace(words))
}
