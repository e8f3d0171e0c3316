package server

import (
	"sync"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

// Counters are what a server has done since it started.
type Counters struct {
	// Queries are the messages that arrived.
	Queries uint64
	// Outcomes counts them by what was done.
	Outcomes [dns.Outcomes]uint64
	// Drops counts those with the outcome Dropped by reason.
	Drops [dns.DropReasons]uint64
	// Rcodes counts replies by code; the last one is any code above.
	Rcodes [maxRcode + 1]uint64
	// Quick counts queries that were answered without being parsed into a
	// message.
	Quick uint64
	// Truncated counts replies that were cut to what the client takes.
	Truncated uint64
	// Limited counts queries dropped by rate limiting, Slipped those which it
	// answered with a truncated reply.
	Limited, Slipped uint64
	// Unfit counts messages too long for a query, and datagrams from port 0.
	Unfit uint64
	// Unsent counts replies that the system did not take.
	Unsent uint64
}

// maxRcode is the highest code a server sends, BADCOOKIE.
const maxRcode = 23

func (c *Counters) count(v *dns.Verdict) {
	c.Queries++
	c.Outcomes[v.Outcome]++
	switch {
	case v.Outcome == dns.Dropped:
		c.Drops[v.Drop]++
	case v.Outcome != dns.PassedThrough:
		c.Rcodes[min(v.Rcode, maxRcode)]++
	}
	if v.Truncated {
		c.Truncated++
	}
	if v.Quick {
		c.Quick++
	}
}

func (c *Counters) unfit() {
	c.Queries++
	c.Unfit++
}

func (c *Counters) limited() {
	c.Queries++
	c.Limited++
}

func (c *Counters) slipped() {
	c.Queries++
	c.Slipped++
}

// add sums up the counters of several workers.
func (c *Counters) add(o *Counters) {
	c.Queries += o.Queries
	addAll(c.Outcomes[:], o.Outcomes[:])
	addAll(c.Drops[:], o.Drops[:])
	addAll(c.Rcodes[:], o.Rcodes[:])
	c.Quick += o.Quick
	c.Truncated += o.Truncated
	c.Limited += o.Limited
	c.Slipped += o.Slipped
	c.Unfit += o.Unfit
	c.Unsent += o.Unsent
}

func addAll(sum, part []uint64) {
	for i, n := range part {
		sum[i] += n
	}
}

// tally are the counters of one worker. The worker holds the lock while it
// answers what has arrived, once for many queries, so that counting is plain
// addition; a reader waits for microseconds.
type tally struct {
	mu sync.Mutex
	Counters
}

func (t *tally) read() Counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Counters
}

// Stats are a server's counters and gauges at one moment.
type Stats struct {
	UDP, TCP Counters
	// Connections are the TCP connections that are open, Accepted those
	// there have been, and Refused those closed for being too many.
	Connections       int
	Accepted, Refused uint64
	// QueryLog says what became of the queries as log entries; nil without
	// a query log.
	QueryLog *querylog.StreamCounts
}

// Stats reads the counters of all workers. It may be called at any time.
func (s *Server) Stats() Stats {
	stats := Stats{TCP: s.streams.tally.read()}
	for _, w := range s.udp {
		part := w.tally.read()
		stats.UDP.add(&part)
	}
	if log := s.config.QueryLog; log != nil {
		counts := log.Counts()
		stats.QueryLog = &counts
	}
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	stats.Connections = len(s.streams.open)
	stats.Accepted, stats.Refused = s.streams.accepted, s.streams.refused
	return stats
}
