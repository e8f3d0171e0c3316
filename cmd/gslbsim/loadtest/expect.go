package loadtest

import (
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// Silence is the answer of who does not answer.
const Silence = "silence"

// Expectation is how a question must be answered. Answers are named by their
// first record's data, else by their reply code, or "empty".
type Expectation struct {
	// Shares gives the share of each answer, 0-1, where they are known: turns
	// are taken by weights, or there is only one answer.
	Shares map[string]float64
	// Rcode is the reply code where shares are not known.
	Rcode int
}

// Silent tells whether the question must not be answered at all.
func (e Expectation) Silent() bool { return e.Shares[Silence] == 1 }

// Expect says how a table answers a question to loopback clients. Shares are
// worked out from the configuration by themselves, without asking the code
// that answers: equal pools of the highest priority share evenly, members by
// weight.
func Expect(t *dns.Table, q Question) Expectation {
	responder := dns.NewResponder(1)
	responder.Publish(t)
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	reply, d := responder.Preview(new(mdns.Msg).SetQuestion(q.Name, q.Type), dns.Client{Addr: loopback})
	if reply == nil {
		return only(Silence)
	}
	if d.Service != nil && !d.DownUsed && (q.Type == mdns.TypeA || q.Type == mdns.TypeAAAA) {
		if shares := weighted(d.Service, t.Profile(), q.Type); shares != nil {
			return Expectation{Shares: shares}
		}
	}
	if len(reply.Answer) <= 1 && d.Service == nil && d.Draw.Slots == 0 {
		return only(name(reply))
	}
	return Expectation{Rcode: reply.Rcode}
}

func only(answer string) Expectation { return Expectation{Shares: map[string]float64{answer: 1}} }

// weighted works out the shares of a service whose answers depend on turns
// alone; nil for others.
func weighted(s *dns.Service, p dns.Profile, qtype uint16) map[string]float64 {
	if !s.Enabled || s.PoolAlgorithm != dns.PoolsByPriority || s.MinMembers > 0 || s.TopologyEnabled || p.Clients != nil {
		return nil
	}
	var top []map[string]float64
	best := 0
	for i := range s.Pools {
		pool := &s.Pools[i]
		weights := weightsOf(pool, qtype)
		if !pool.Enabled || len(weights) == 0 || pool.Priority == 0 || pool.Priority < best {
			continue
		}
		if pool.Algorithm != dns.RoundRobin && len(weights) > 1 {
			weights = nil
		}
		if pool.Priority > best {
			best, top = pool.Priority, nil
		}
		top = append(top, weights)
	}
	shares := map[string]float64{}
	for _, weights := range top {
		total := 0.0
		for _, w := range weights {
			total += w
		}
		if total == 0 {
			return nil // another algorithm
		}
		for answer, w := range weights {
			shares[answer] += w / total / float64(len(top))
		}
	}
	if len(shares) == 0 {
		return nil
	}
	return shares
}

// weightsOf are the weights of a pool's usable members that can answer a type.
func weightsOf(p *dns.Pool, qtype uint16) map[string]float64 {
	weights := map[string]float64{}
	for i := range p.Members {
		m := &p.Members[i]
		answer := m.FQDN
		if answer == "" {
			addr := m.Addr
			if m.PublicAddr.IsValid() {
				addr = m.PublicAddr
			}
			if addr.Is6() != (qtype == mdns.TypeAAAA) {
				continue
			}
			answer = addr.String()
		} else {
			answer = mdns.Fqdn(answer)
		}
		if m.Enabled && m.Up {
			weight := m.Ratio
			if m.SiteRatio > 0 {
				weight = m.SiteRatio
			}
			weights[answer] += float64(max(weight, 1))
		}
	}
	return weights
}

// name names an answer.
func name(reply *mdns.Msg) string {
	switch {
	case len(reply.Answer) > 0:
		rr := reply.Answer[0]
		return rr.String()[len(rr.Header().String()):]
	case reply.Rcode == mdns.RcodeSuccess:
		return "empty"
	default:
		return mdns.RcodeToString[reply.Rcode]
	}
}
