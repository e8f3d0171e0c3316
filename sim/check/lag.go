package check

import (
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// lag is how long answers may lag behind one member that served no longer, or again.
type lag struct {
	at     time.Duration // when it did
	bounds Bounds        // of its service
	bound  Bound         // from then on
}

// boundsOf returns the bounds of a service of the run.
func boundsOf(r *result.Result, s result.Service) Bounds {
	return Bounds{Health: s.Health, Timing: r.Timing, TTL: time.Duration(s.TTL) * time.Second}
}

// lags returns the lags behind all members of some services, those that came back and were lost again included.
func lags(r *result.Result, of services) []lag {
	var out []lag
	for _, o := range r.Evidence.Outages {
		s, ok := of.named(o.Service)
		if !ok {
			continue
		}
		b := boundsOf(r, s)
		back := o.To < r.Span.Duration()
		if down := b.Down(sightDown(r, b, o)); down != never || !back {
			out = append(out, lag{o.From, b, down})
		}
		if back {
			out = append(out, lag{o.To, b, b.Up(sightUp(r, b, o))})
		}
	}
	return out
}

// sightDown is what the control plane can find out of the beginning of an outage. A controller that was silent just before
// may not have been asked again yet.
func sightDown(r *result.Result, b Bounds, o result.Outage) Sight {
	recent := b.Health.SendInterval.Duration() + r.Timing.PollTimeout.Duration()
	s := sight(r, o, o.From-recent, o.From+b.control().At)
	s.Unpowered = o.Unpowered
	return s
}

// sightUp is what it can find out of the end.
func sightUp(r *result.Result, b Bounds, o result.Outage) Sight {
	return sight(r, o, o.To, o.To+b.control().At)
}

// sight finds the controllers that were without power in a stretch of time that ends an outage or begins one.
func sight(r *result.Result, o result.Outage, from, to time.Duration) Sight {
	var s Sight
	for _, c := range r.Evidence.Silences {
		if c.Engines || c.From > to || c.To <= from {
			continue
		}
		if c.Site == o.Site {
			s.Silent = true
		}
		if !enginesSilent(r, c.Site, max(c.From, from), min(c.To, to)) {
			s.Deaf = true
			s.Held = max(s.Held, c.From+r.Timing.Headless.Duration()-from)
		}
	}
	return s
}

// enginesSilent reports whether the engines of a site had no power all the time.
func enginesSilent(r *result.Result, site string, from, to time.Duration) bool {
	for _, e := range r.Evidence.Silences {
		if e.Engines && e.Site == site && e.From <= from && to <= e.To {
			return true
		}
	}
	return false
}

// ofChange returns the authoritative bound of a change for some services, and the cached one. What counts is when members
// served no longer, or again: until a controller has been told, or a host has booted, the change has not happened yet. Where
// an earlier change is still being followed, its bound counts too.
func ofChange(r *result.Result, c change, of services) (authoritative, cached Bound) {
	end, own := until(r, c.At), false
	for _, l := range lags(r, of) {
		if l.at >= end {
			continue
		}
		own = own || l.at >= c.At
		bound := l.bound.shifted(l.at - c.At)
		authoritative, cached = later(authoritative, bound), later(cached, l.bounds.Cached(bound))
	}
	if !own {
		for _, s := range of {
			b := boundsOf(r, s)
			bound := b.nominal(c)
			authoritative, cached = later(authoritative, bound), later(cached, b.Cached(bound))
		}
	}
	return authoritative, cached
}

// nominal is the bound of a change that no member followed.
func (b Bounds) nominal(c change) Bound {
	if c.Ends {
		return b.Up(Sight{})
	}
	return b.Down(Sight{Silent: c.fault.Dark})
}

// shifted is the bound counted from an earlier instant, or from a later one.
func (b Bound) shifted(by time.Duration) Bound {
	switch {
	case b == never || by == 0:
		return b
	case by > 0:
		return Bound{b.At + by, fmt.Sprintf("%s +%s lead", b.Formula, short(by))}
	}
	return Bound{b.At + by, fmt.Sprintf("%s, since %s before", b.Formula, short(-by))}
}

// later returns the bound that ends later, the first one if both end at once.
func later(a, b Bound) Bound {
	if b.At > a.At {
		return b
	}
	return a
}

// settled returns from when on answers must have followed the changes that happened at an instant, if any did: from the
// first nanosecond past their bounds.
func settled(r *result.Result, at time.Duration, of services) (authoritative, cached time.Duration) {
	authoritative, cached = at, at
	for _, c := range changes(r) {
		if c.At == at {
			a, b := ofChange(r, c, of)
			authoritative, cached = max(authoritative, at+a.At+1), max(cached, at+b.At+1)
		}
	}
	return authoritative, cached
}
