package engine

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

// logLimit bounds the queries that an engine remembers of one DNS virtual service.
const logLimit = 10_000

// queryLog is the log of one DNS virtual service.
type queryLog struct {
	policy LogPolicy
	kept   *querylog.Log
}

// setPolicy starts a new log when the policy is another one.
func (l *queryLog) setPolicy(p LogPolicy) {
	if l.kept != nil && l.policy == p {
		return
	}
	l.policy = p
	policy := querylog.DefaultPolicy(time.Now())
	policy.Significant, policy.Filtered, policy.Full, policy.FullDuration = p.Significant, p.Filtered, p.FullRate, p.FullFor
	policy.Limit = logLimit
	if p.Exclude != "" {
		policy.Exclude = strings.Split(p.Exclude, ",")
	}
	before := l.kept
	l.kept = querylog.New(policy)
	if before != nil {
		for _, e := range before.Entries() {
			l.kept.Add(e)
		}
	}
}

// takes reports whether an entry would be kept but for throttles, so that one that is not costs nothing.
func (l *queryLog) takes(d *dns.Decision) bool {
	if l.policy.Full {
		return true
	}
	why := querylog.Significance(d)
	return why != "" && !slices.Contains(strings.Split(l.policy.Exclude, ","), why)
}

// record notes a query that was answered.
func (e *Engine) record(d *dnsService, dst netip.Addr, q, reply *mdns.Msg, why *dns.Decision) {
	e.mu.Lock()
	log, uuid := d.log, d.vs.spec.UUID
	if why.Service != nil {
		d.count(why)
	}
	e.mu.Unlock()
	if !log.takes(why) {
		return
	}
	entry := querylog.NewEntry(why, q, reply)
	entry.VirtualService, entry.ServiceEngine = uuid, e.cfg.Name
	entry.VSAddr, entry.VSPort, entry.Start = dst, dnsPort, time.Now()
	log.kept.Add(entry)
}

// dnsPort is where DNS virtual services listen.
const dnsPort = 53

// QueryLog returns the queries that an engine remembers of a DNS virtual service, oldest first; none if it does not have it.
func (e *Engine) QueryLog(uuid string) []querylog.Entry {
	e.mu.Lock()
	var kept *querylog.Log
	if d := e.loaded.dns[uuid]; d != nil {
		kept = d.log.kept
	}
	e.mu.Unlock()
	if kept == nil {
		return nil
	}
	return kept.Entries()
}
