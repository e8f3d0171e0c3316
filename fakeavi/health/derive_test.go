package health_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

const (
	up      = health.VerdictUp
	down    = health.VerdictDown
	unknown = health.VerdictUnknown
)

// member returns the input of an enabled member of an enabled service.
func member(c health.Control, reachable bool, minUp int, monitors ...health.Verdict) health.MemberInput {
	return health.MemberInput{
		ServiceEnabled: true, PoolEnabled: true, MemberEnabled: true, SiteEnabled: true,
		Control: c, ControlReason: "control says so", Reachable: reachable,
		Monitors: monitors, MonitorReason: "monitor says so", MinUp: minUp, Before: health.StateDown,
	}
}

func TestMemberState(t *testing.T) {
	verdicts := func(v ...health.Verdict) []health.Verdict { return v }
	cases := []struct {
		name      string
		control   health.Control
		reachable bool
		monitors  []health.Verdict
		minUp     int
		want      health.State
		cause     health.Cause
	}{
		{"both up", health.ControlUp, true, verdicts(up), 0, health.StateUp, health.CauseDataPlane},
		{"both, control down", health.ControlDown, true, verdicts(up), 0, health.StateDown, health.CauseControlPlane},
		{"both, data down", health.ControlUp, true, verdicts(down), 0, health.StateDown, health.CauseDataPlane},
		{"both, controller gone, data up", health.ControlUp, false, verdicts(up), 0, health.StateUp, health.CauseDataPlane},
		{"both, controller gone after it said down", health.ControlDown, false, verdicts(up), 0, health.StateUp, health.CauseDataPlane},
		{"both, controller gone, data down", health.ControlUp, false, verdicts(down), 0, health.StateDown, health.CauseDataPlane},
		{"both, flushed, data up", health.ControlUnknown, false, verdicts(up), 2, health.StateUp, health.CauseDataPlane},
		{"control only up", health.ControlUp, true, nil, 0, health.StateUp, health.CauseControlPlane},
		{"control only down", health.ControlDown, true, nil, 0, health.StateDown, health.CauseControlPlane},
		{"control only, controller gone, still remembered", health.ControlUp, false, nil, 0, health.StateUp, health.CauseControlPlane},
		{"control only, flushed", health.ControlUnknown, false, nil, 0, health.StateDown, health.CauseControlPlane},
		{"control only, minimum of AMKO", health.ControlUp, true, nil, 1, health.StateUp, health.CauseControlPlane},
		{"data only up", health.ControlNone, false, verdicts(up), 0, health.StateUp, health.CauseDataPlane},
		{"data only down", health.ControlNone, false, verdicts(down), 0, health.StateDown, health.CauseDataPlane},
		{"data only, one of two", health.ControlNone, false, verdicts(up, down), 0, health.StateDown, health.CauseDataPlane},
		{"data only, one of two suffices", health.ControlNone, false, verdicts(up, down), 1, health.StateUp, health.CauseDataPlane},
		{"nobody watches", health.ControlNone, false, nil, 0, health.StateUp, health.CauseConfiguration},
		{"two asked: control and any one path", health.ControlUp, true, verdicts(down, up, down), 2, health.StateUp, health.CauseDataPlane},
		{"two asked, no path up", health.ControlUp, true, verdicts(down, down), 2, health.StateDown, health.CauseDataPlane},
		{"two asked, controller gone, one path", health.ControlUnknown, false, verdicts(down, up), 2, health.StateUp, health.CauseDataPlane},
		{"two asked, control down is not outvoted", health.ControlDown, true, verdicts(up, up), 2, health.StateDown, health.CauseControlPlane},
		{"three asked: control and both", health.ControlUp, true, verdicts(up, down), 3, health.StateDown, health.CauseDataPlane},
		{"two asked of a member without control plane", health.ControlNone, false, verdicts(up), 2, health.StateUp, health.CauseDataPlane},
		{"more asked than attached", health.ControlUp, true, verdicts(up), 6, health.StateUp, health.CauseDataPlane},
		{"one asked: a monitor must pass all the same", health.ControlUp, true, verdicts(down), 1, health.StateDown, health.CauseDataPlane},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			got := health.Member(member(c.control, c.reachable, c.minUp, c.monitors...))
			g.Expect(got.State).To(Equal(c.want))
			g.Expect(got.Cause).To(Equal(c.cause))
		})
	}
}

func TestConfigurationTakesAMemberOut(t *testing.T) {
	cases := map[string]func(*health.MemberInput){
		"GSLB service is disabled":                        func(in *health.MemberInput) { in.ServiceEnabled = false },
		"pool is disabled":                                func(in *health.MemberInput) { in.PoolEnabled = false },
		"member is disabled":                              func(in *health.MemberInput) { in.MemberEnabled = false },
		"site is disabled":                                func(in *health.MemberInput) { in.SiteEnabled = false },
		"Configured and operational VIPs are out of sync": func(in *health.MemberInput) { in.OutOfSync = true },
		"member went down and waits for a manual resume":  func(in *health.MemberInput) { in.Held = true },
	}
	for reason, change := range cases {
		t.Run(reason, func(t *testing.T) {
			g := NewWithT(t)
			in := member(health.ControlUp, true, 0, up)
			change(&in)
			g.Expect(health.Member(in)).To(Equal(health.Status{
				State: health.StateDisabled, Reason: reason, Cause: health.CauseConfiguration,
			}))
		})
	}
}

func TestMemberKeepsItsStateUntilANewMonitorHasAVerdict(t *testing.T) {
	for before, want := range map[health.State]health.State{
		health.StateUp:           health.StateUp,
		health.StateDown:         health.StateDown,
		"":                       health.StateInitializing,
		health.StateInitializing: health.StateInitializing,
		health.StateDisabled:     health.StateInitializing,
	} {
		t.Run("before "+string(before), func(t *testing.T) {
			in := member(health.ControlUp, true, 0, up, unknown)
			in.Before = before
			NewWithT(t).Expect(health.Member(in).State).To(Equal(want))
		})
	}
}

func TestPoolAndServiceAreUpWithAnyPart(t *testing.T) {
	g := NewWithT(t)
	yes, no := health.Status{State: health.StateUp}, health.Status{State: health.StateDown}
	off, starting := health.Status{State: health.StateDisabled}, health.Status{State: health.StateInitializing}
	g.Expect(health.Pool(true, true, []health.Status{no, yes, off}).Up()).To(BeTrue())
	g.Expect(health.Pool(true, true, []health.Status{no, off}).State).To(Equal(health.StateDown))
	g.Expect(health.Pool(true, true, []health.Status{no, starting}).State).To(Equal(health.StateInitializing))
	g.Expect(health.Pool(true, true, nil).State).To(Equal(health.StateDown))
	g.Expect(health.Pool(true, false, []health.Status{yes}).State).To(Equal(health.StateDisabled))
	g.Expect(health.Pool(false, true, []health.Status{yes}).State).To(Equal(health.StateDisabled))
	g.Expect(health.Service(true, []health.Status{no, yes}).Up()).To(BeTrue())
	g.Expect(health.Service(true, []health.Status{no, off}).State).To(Equal(health.StateDown))
	g.Expect(health.Service(false, []health.Status{yes}).State).To(Equal(health.StateDisabled))
}
