package check

import (
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// Bound is a computed limit and how it comes about.
type Bound struct {
	At      time.Duration
	Formula string // "min(poll 15s+23ms, data 3x10s+4s)"
}

// Bounds computes how long after a change of a member's state answers may still be the old ones.
//
// Two planes watch a member. The control plane asks its controller every send interval; the data plane sends a check
// every interval and wants several failures, or successes, in a row. A member that both watch is up only if both say so:
// the faster one takes it out, the slower one brings it back. When the member's whole site is dark its controller cannot
// be asked, which decides nothing while a data plane exists: then the data plane alone takes it out.
type Bounds struct {
	Health result.HealthSetting
	Timing result.Timing
	TTL    time.Duration
}

// Down is the bound from the moment a member stops serving to the last authoritative answer with it.
//
// Data plane: in the worst case the last good check left just before the fault, so that the first bad one leaves an
// interval later and the last one needed fails `failed` intervals after the good one, plus its timeout.
func (b Bounds) Down(siteDark bool) Bound {
	data := b.dataDown()
	switch {
	case siteDark && b.Health.Monitors > 0:
		return data
	case siteDark:
		lost := b.Health.SendInterval.Duration() + b.Timing.PollTimeout.Duration() + b.push()
		return Bound{lost, fmt.Sprintf("poll %s+timeout %s+%s", b.Health.SendInterval, b.Timing.PollTimeout, short(b.push()))}
	case b.Health.Monitors == 0:
		return b.control()
	case !b.Health.ControlPlane:
		return data
	}
	return combine("min", b.control(), data, min(b.control().At, data.At))
}

// Up is the bound from the moment a member serves again to the last authoritative answer without it.
//
// Data plane: the first good check leaves within an interval, the last one needed `successful` intervals after the fault
// ended, and its reply has to travel.
func (b Bounds) Up() Bound {
	h := b.Health
	data := Bound{
		time.Duration(h.SuccessfulChecks)*h.Interval.Duration() + b.push(),
		fmt.Sprintf("data %dx%s+%s", h.SuccessfulChecks, h.Interval, short(b.push())),
	}
	switch {
	case h.Monitors == 0:
		return b.control()
	case !h.ControlPlane:
		return data
	}
	return combine("max", b.control(), data, max(b.control().At, data.At))
}

func combine(how string, control, data Bound, at time.Duration) Bound {
	return Bound{at, fmt.Sprintf("%s(%s, %s)", how, control.Formula, data.Formula)}
}

// Cached adds to an authoritative bound what a resolver's cache may add: an answer given at the last moment travels to
// the resolver and is served from there for its TTL.
func (b Bounds) Cached(authoritative Bound) Bound {
	travel := b.Timing.Travel.Duration()
	return Bound{authoritative.At + b.TTL + travel, fmt.Sprintf("%s + TTL %s+%s", seconds(authoritative.At), b.TTL, short(travel))}
}

// control: the change is seen by the next poll at the latest, whose reply travels back and on to the engines.
func (b Bounds) control() Bound {
	return Bound{b.Health.SendInterval.Duration() + b.push(), fmt.Sprintf("poll %s+%s", b.Health.SendInterval, short(b.push()))}
}

// push is how long a poll's round trip and the way from a controller to its engines take.
func (b Bounds) push() time.Duration {
	return 2*b.Timing.Travel.Duration() + b.Timing.LocalTravel.Duration()
}

func (b Bounds) dataDown() Bound {
	h := b.Health
	return Bound{
		time.Duration(h.FailedChecks)*h.Interval.Duration() + h.Timeout.Duration(),
		fmt.Sprintf("data %dx%s+%s", h.FailedChecks, h.Interval, h.Timeout),
	}
}

// short writes a duration with whole milliseconds, rounded up.
func short(d time.Duration) string {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond).String()
}

// boundsOf returns the bounds of a service of the run.
func boundsOf(r *result.Result, s result.Service) Bounds {
	return Bounds{Health: s.Health, Timing: r.Timing, TTL: time.Duration(s.TTL) * time.Second}
}

// worst returns the largest of the bounds that f yields for the services of a run.
func worst(r *result.Result, f func(Bounds) Bound) Bound {
	var most Bound
	for _, s := range r.Services {
		if b := f(boundsOf(r, s)); b.At >= most.At {
			most = b
		}
	}
	return most
}

// ofChange returns the authoritative bound of a change, and the cached one. What counts is when the member served no
// longer, or again: until a controller has been told, or a host has booted, the change has not happened yet.
func ofChange(r *result.Result, c change) (authoritative, cached Bound) {
	authoritative = worst(r, func(b Bounds) Bound {
		if c.Ends {
			return b.Up()
		}
		return b.Down(c.fault.Dark)
	})
	if lead := effect(r, c); lead > 0 {
		at := authoritative.At + lead
		authoritative = Bound{at, fmt.Sprintf("%s +%s lead", authoritative.Formula, short(lead))}
	}
	cached = worst(r, func(b Bounds) Bound { return b.Cached(authoritative) })
	return authoritative, cached
}

// effect returns how long after a change the last member of the fault's site followed it, 0 if none did.
func effect(r *result.Result, c change) time.Duration {
	end, latest := until(r, c.At), time.Duration(0)
	for _, o := range r.Evidence.Outages {
		at := o.From
		if c.Ends {
			at = o.To
		}
		if o.Site == c.fault.Site && at >= c.At && at < end {
			latest = max(latest, at-c.At)
		}
	}
	return latest
}
