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
// the faster one takes it out, the slower one brings it back. What the control plane can find out depends on who has power:
// see Sight. Links are taken to lose nothing; where they do, no bound holds for certain.
type Bounds struct {
	Health result.HealthSetting
	Timing result.Timing
	TTL    time.Duration
}

// Sight is what stands between the control plane and the state of a member. The zero Sight: nothing.
type Sight struct {
	// Unpowered: the member's engines have no power. Nobody tells its controller, which has to miss their heartbeats.
	Unpowered bool
	// Silent: the member's controller cannot be asked.
	Silent bool
	// Deaf: a controller whose engines answer DNS has no power, so that they are told nothing.
	Deaf bool
	// Held is for how long after the member serves again deaf engines may still go by what they were told last.
	Held time.Duration
}

// never is the bound of what nobody can notice, and its formula.
var never = Bound{200 * 365 * 24 * time.Hour, "nobody can notice"}

// Down is the bound from the moment a member stops serving to the last authoritative answer with it.
//
// Data plane: in the worst case the last good check left just before the fault, so that the first bad one leaves an
// interval later and the last one needed fails `failed` intervals after the good one, plus its timeout.
func (b Bounds) Down(s Sight) Bound {
	data, control := b.dataDown(), b.controlDown(s)
	switch {
	case b.Health.Monitors == 0:
		return control
	case control == never, s.Unpowered && data.At <= control.At:
		return data
	case s.Unpowered:
		return control
	}
	return combine("min", control, data, min(control.At, data.At))
}

// controlDown is the bound of the control plane. A controller that cannot be asked decides nothing while a data plane
// exists; without one, what it told last holds until it is taken for lost.
func (b Bounds) controlDown(s Sight) Bound {
	t := b.Timing
	switch {
	case !b.Health.ControlPlane, s.Deaf, s.Silent && b.Health.Monitors > 0:
		return never
	case s.Silent:
		apart := b.Health.SendInterval
		if apart <= t.PollTimeout { // no poll is sent while one is waited for
			apart += t.PollTimeout
		}
		polls := time.Duration(t.LostAfter) * apart.Duration()
		return Bound{polls + t.PollTimeout.Duration() + b.push(), fmt.Sprintf("polls %dx%s+timeout %s+%s", t.LostAfter, apart, t.PollTimeout, short(b.push()))}
	case s.Unpowered:
		control := b.control()
		return Bound{t.EngineLoss.Duration() + control.At, fmt.Sprintf("heartbeats %s+%s", t.EngineLoss, control.Formula)}
	}
	return b.control()
}

// Up is the bound from the moment a member serves again to the last authoritative answer without it.
//
// Data plane: the first good check leaves within an interval, the last one needed `successful` intervals after the fault
// ended, and its reply has to travel.
func (b Bounds) Up(s Sight) Bound {
	h := b.Health
	data := Bound{
		time.Duration(h.SuccessfulChecks)*h.Interval.Duration() + b.push(),
		fmt.Sprintf("data %dx%s+%s", h.SuccessfulChecks, h.Interval, short(b.push())),
	}
	control := b.controlUp(s)
	switch {
	case h.Monitors == 0:
		return control
	case !h.ControlPlane:
		return data
	}
	return combine("max", control, data, max(control.At, data.At))
}

// controlUp is the bound of the control plane: a bad report that was the last holds until its controller fails to answer,
// and with deaf engines until they miss their own controller.
func (b Bounds) controlUp(s Sight) Bound {
	up := b.control()
	if s.Silent {
		timeout := b.Timing.PollTimeout
		up = Bound{up.At + timeout.Duration(), fmt.Sprintf("poll %s+timeout %s+%s", b.Health.SendInterval, timeout, short(b.push()))}
	}
	if s.Held > up.At {
		up = Bound{s.Held, "headless " + short(s.Held)}
	}
	return up
}

func combine(how string, control, data Bound, at time.Duration) Bound {
	return Bound{at, fmt.Sprintf("%s(%s, %s)", how, control.Formula, data.Formula)}
}

// Cached adds to an authoritative bound what a resolver's cache may add: an answer given at the last moment travels to
// the resolver and is served from there for its TTL.
func (b Bounds) Cached(authoritative Bound) Bound {
	if authoritative == never {
		return never
	}
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
