package resolver

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

const (
	unknownTime   = 376 * time.Millisecond // assumed of a server never asked
	bandWidth     = 400 * time.Millisecond
	maxTime       = 120 * time.Second
	fastPenalty   = 200 * time.Millisecond
	fastLimit     = 10 * time.Second
	fastAgeing    = 0.98
	fastUnknownMs = 32 // unknown servers are assumed to take 1-32 ms
)

// serverBook remembers how servers responded.
type serverBook struct {
	reprobe time.Duration
	known   map[netip.Addr]*serverRecord
	order   []netip.Addr // of first use; the oldest give way
}

// serverRecord is the smoothed round-trip time of one server.
type serverRecord struct {
	time  time.Duration
	asked bool  // time was measured or penalised, not assumed
	last  int64 // Unix time in ns of the last query
}

// of returns a server's record, a new one with the time assumed for it.
func (b *serverBook) of(addr netip.Addr, assumed func() time.Duration) *serverRecord {
	if rec := b.known[addr]; rec != nil {
		return rec
	}
	if b.known == nil {
		b.known = make(map[netip.Addr]*serverRecord)
	}
	if len(b.order) >= maxKnownServers {
		delete(b.known, b.order[0])
		b.order = b.order[1:]
	}
	rec := &serverRecord{time: assumed()}
	b.known[addr] = rec
	b.order = append(b.order, addr)
	return rec
}

// choose picks one of the candidates (at least one, without repetition).
func (r *Resolver) choose(candidates []netip.Addr, now int64) netip.Addr {
	if len(candidates) == 1 {
		return candidates[0]
	}
	if r.cfg.Selection == SelectFastest {
		return r.servers.fastest(candidates, r.rng)
	}
	return r.servers.inBand(candidates, now, r.rng)
}

// inBand draws evenly among the servers close to the best. One that is due
// for a new try counts as if it were unknown.
func (b *serverBook) inBand(candidates []netip.Addr, now int64, rng *rand.Rand) netip.Addr {
	times := make([]time.Duration, len(candidates))
	best := maxTime + bandWidth
	for i, addr := range candidates {
		rec := b.of(addr, func() time.Duration { return unknownTime })
		times[i] = rec.time
		if rec.time > unknownTime && time.Duration(now-rec.last) >= b.reprobe {
			times[i] = unknownTime
		}
		best = min(best, times[i])
	}
	var band []netip.Addr
	for i, addr := range candidates {
		if times[i] <= best+bandWidth {
			band = append(band, addr)
		}
	}
	return band[rng.IntN(len(band))]
}

// fastest takes the lowest time and ages the others.
func (b *serverBook) fastest(candidates []netip.Addr, rng *rand.Rand) netip.Addr {
	assumed := func() time.Duration {
		return time.Duration(1+rng.IntN(fastUnknownMs)) * time.Millisecond
	}
	best := 0
	for i, addr := range candidates {
		if b.of(addr, assumed).time < b.of(candidates[best], assumed).time {
			best = i
		}
	}
	for i, addr := range candidates {
		if i != best {
			rec := b.known[addr]
			rec.time = time.Duration(float64(rec.time) * fastAgeing)
		}
	}
	return candidates[best]
}

// answered notes a reply that took rtt.
func (r *Resolver) answered(addr netip.Addr, rtt time.Duration, now int64) {
	rec := r.servers.of(addr, func() time.Duration { return rtt })
	switch {
	case !rec.asked:
		rec.time = rtt
	case r.cfg.Selection == SelectFastest:
		rec.time = (7*rec.time + 3*rtt) / 10
	case rec.time >= r.cfg.TryTimeout:
		rec.time = rtt // it is back
	default:
		rec.time += (rtt - rec.time) / 8
	}
	rec.asked, rec.last = true, now
}

// silent notes that a server did not answer in time or cannot be reached.
func (r *Resolver) silent(addr netip.Addr, now int64) {
	rec := r.servers.of(addr, func() time.Duration { return unknownTime })
	if r.cfg.Selection == SelectFastest {
		rec.time = min(rec.time+fastPenalty, fastLimit)
	} else {
		rec.time = min(max(2*rec.time, r.cfg.TryTimeout), maxTime)
	}
	rec.asked, rec.last = true, now
}
