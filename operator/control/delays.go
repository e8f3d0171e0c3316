package control

import (
	"errors"
	"time"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/plan"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// reaction is what follows on an error.
type reaction struct {
	// retry is when the FQDN is tried again.
	retry schedule.Delay
	// whole says that the error is not about the FQDN but about the controller: everything pauses for the delay.
	whole bool
	// lookAround makes the operator look for the leader at once.
	lookAround bool
}

func between(first, most time.Duration) schedule.Delay {
	return schedule.Delay{First: first, Most: most}
}

// reactions by kind of error. Nothing is given up; what is refused as it is, is tried rarely, in case that something changed
// on the controller.
var reactions = map[avi.Kind]reaction{
	avi.Unreachable: {retry: between(time.Second, time.Minute), whole: true},
	avi.Unavailable: {retry: between(2*time.Second, time.Minute), whole: true},
	avi.Throttled:   {retry: between(5*time.Second, 2*time.Minute), whole: true},
	avi.NotLeader:   {retry: between(time.Second, time.Minute), whole: true, lookAround: true},
	avi.Maintenance: {retry: between(15*time.Second, 2*time.Minute), whole: true},
	avi.Upgrading:   {retry: between(15*time.Second, 2*time.Minute), whole: true},
	avi.Credentials: {retry: between(30*time.Second, 5*time.Minute), whole: true},
	avi.Session:     {retry: between(5*time.Second, 2*time.Minute), whole: true},
	avi.ServerError: {retry: between(2*time.Second, 2*time.Minute)},
	avi.Garbled:     {retry: between(2*time.Second, 2*time.Minute)},
	avi.Stale:       {retry: between(time.Second, time.Minute)},
	avi.Duplicate:   {retry: between(5*time.Second, 5*time.Minute)},
	avi.NameTaken:   {retry: between(5*time.Second, 5*time.Minute)},
	avi.Referenced:  {retry: between(5*time.Second, 5*time.Minute)},
	avi.NotFound:    {retry: between(5*time.Second, 5*time.Minute)},
	avi.Refused:     {retry: between(30*time.Second, 10*time.Minute)},
}

// standing is the reaction to an error that only a person can do something about.
var standing = reaction{retry: between(time.Minute, 10*time.Minute)}

func reactionTo(err error) reaction {
	if r, ok := reactions[avi.KindOf(err)]; ok {
		return r
	}
	return standing
}

// lookAroundAfter is after how many pauses in a row the operator looks whether another controller leads now.
const lookAroundAfter = 3

// reasonOf is an error in one word, as the reason of a condition.
func reasonOf(err error) string {
	var foreign *plan.ForeignError
	var unstable *apply.UnstableError
	switch {
	case avi.KindOf(err) != 0:
		return avi.KindOf(err).String()
	case errors.As(err, &foreign):
		return "OwnedByOther"
	case errors.As(err, &unstable):
		return "NotKept"
	}
	return "Failed"
}

func retryAfter(err error) time.Duration {
	var e *avi.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
