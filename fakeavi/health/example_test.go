package health_test

import (
	"fmt"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Three failures in a row take a target down, three successes bring it back.
func ExampleMachine() {
	var m health.Machine
	rules := health.Thresholds{Successes: 3, Failures: 3}
	for _, ok := range []bool{true, true, true, false, true, false, false, false, true, true, true} {
		if m.Observe(ok, rules) {
			fmt.Println(m.Verdict())
		}
	}
	// Output:
	// up
	// down
	// up
}

// The controller of a member's site is gone, and a check of the member passes: the member stays UP.
func ExampleMember() {
	status := health.Member(health.MemberInput{
		ServiceEnabled: true, PoolEnabled: true, MemberEnabled: true, SiteEnabled: true,
		Control: health.ControlUnknown, Reachable: false, Monitors: []health.Verdict{health.VerdictUp}, MinUp: 2,
	})
	fmt.Println(status.State, "by", status.Cause)
	// Output:
	// OPER_UP by data-plane
}
