package sim

import (
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/world"
)

// Inquiry asks why a name is answered as it is at an instant of a scenario.
type Inquiry = world.Inquiry

// Why plays a scenario up to the instant of an inquiry and explains what would be answered then, one entry for every DNS
// virtual service that is asked. The answers are those of a whole run with equal options, which Options.Ask explains in
// passing. reasons says what went wrong on the way, if anything did;
// that no client has asked yet is nothing wrong.
func Why(s *scenario.Scenario, q Inquiry, o Options) (why []result.Why, reasons []string, err error) {
	if err := q.Check(s); err != nil {
		return nil, nil, err
	}
	short := *s
	short.Promises = nil
	short.Duration = min(s.Duration, q.At+time.Millisecond)
	o.Ask = []Inquiry{q}
	r, err := Run(&short, o)
	if err != nil {
		return nil, nil, err
	}
	asksItself := func(reason string) bool { return reason == check.NobodyAsked }
	return r.Why, slices.DeleteFunc(r.Reasons, asksItself), nil
}
