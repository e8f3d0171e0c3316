package health

// State is an operational state, in the API's words.
type State string

// The states that GSLB members, pools, services and virtual services take.
const (
	StateUp           State = "OPER_UP"
	StateDown         State = "OPER_DOWN"
	StateDisabled     State = "OPER_DISABLED"
	StateInitializing State = "OPER_INITIALIZING"
	StateUnavailable  State = "OPER_UNAVAIL"
)

// Cause says which plane decided a state.
type Cause string

// The causes of a member's state.
const (
	CauseConfiguration Cause = "configuration"
	CauseControlPlane  Cause = "control-plane"
	CauseDataPlane     Cause = "data-plane"
)

// ReasonVIPOutOfSync is the reason of a member whose address is not among those that its virtual service really has.
const ReasonVIPOutOfSync = "Configured and operational VIPs are out of sync"

// Status is a state and why it is so. It is comparable.
type Status struct {
	State  State
	Reason string // empty when there is nothing to explain
	Cause  Cause  // of a member's state; empty for pools and services
}

// Up reports whether the state is OPER_UP.
func (s Status) Up() bool { return s.State == StateUp }

// Control is what the control plane reports of a member's virtual service.
type Control uint8

// The reports of the control plane.
const (
	// ControlNone: nobody asks, because controller_health_status_enabled is off or the member is no Avi virtual service.
	ControlNone Control = iota
	// ControlUnknown: nothing has been heard yet, or what was heard has been flushed.
	ControlUnknown
	ControlUp
	ControlDown
)

// MemberInput is all that a member's status depends on.
type MemberInput struct {
	ServiceEnabled, PoolEnabled, MemberEnabled, SiteEnabled bool
	// OutOfSync: the virtual service was found to have other addresses than the member.
	OutOfSync bool
	// Held: the member went down in a pool with manual_resume, and nobody has resumed it.
	Held bool

	Control       Control
	ControlReason string
	// Reachable: the controller that reports has answered its last contact.
	Reachable bool
	// Monitors holds a verdict per attached monitor that applies to the member.
	Monitors      []Verdict
	MonitorReason string // why a monitor is down
	// MinUp is min_health_monitors_up of the pool; 0 if it is unset.
	MinUp int
	// Before is what the member was until now; it stays so while a monitor that was just attached has no verdict.
	Before State
}

// Member derives the status of a pool member.
//
// With control plane and data plane both in use, the member is UP only if both say so. If the controller that should
// report cannot be reached, the data plane alone decides. A member which nobody watches counts as UP.
func Member(in MemberInput) Status {
	if s, ok := configured(in); ok {
		return s
	}
	up, pending := count(in.Monitors)
	total := len(in.Monitors)
	switch {
	case in.Control == ControlNone && total == 0:
		return unwatched()
	case total == 0:
		return controlOnly(in)
	case pending > 0:
		return initializing(in.Before)
	case in.Control == ControlDown && in.Reachable:
		return Status{State: StateDown, Reason: in.ControlReason, Cause: CauseControlPlane}
	case up < required(in, total):
		return Status{State: StateDown, Reason: in.MonitorReason, Cause: CauseDataPlane}
	default:
		return Status{State: StateUp, Cause: CauseDataPlane}
	}
}

// configured returns the status of a member that configuration alone takes out.
func configured(in MemberInput) (Status, bool) {
	reason := ""
	switch {
	case !in.ServiceEnabled:
		reason = "GSLB service is disabled"
	case !in.PoolEnabled:
		reason = "pool is disabled"
	case !in.MemberEnabled:
		reason = "member is disabled"
	case !in.SiteEnabled:
		reason = "site is disabled"
	case in.OutOfSync:
		reason = ReasonVIPOutOfSync
	case in.Held:
		reason = "member went down and waits for a manual resume"
	default:
		return Status{}, false
	}
	return Status{State: StateDisabled, Reason: reason, Cause: CauseConfiguration}, true
}

// DataPlane sums up the monitors of a member, as min_health_monitors_up says; unknown while one has no verdict, or without monitors.
func DataPlane(in MemberInput) Verdict {
	up, pending := count(in.Monitors)
	switch {
	case len(in.Monitors) == 0 || pending > 0:
		return VerdictUnknown
	case up >= required(in, len(in.Monitors)):
		return VerdictUp
	default:
		return VerdictDown
	}
}

// required is the number of monitors that must be UP, out of total > 0.
//
// The exact arithmetic of min_health_monitors_up is unconfirmed; this is the whole of it:
//   - unset: all monitors must be UP;
//   - the control plane counts as one of the monitors when it is in use, so it takes one off what is left to the data
//     plane, whether it reports UP (it has passed) or cannot be asked (the data plane alone decides);
//   - a control plane that reports DOWN is never outvoted (see Member);
//   - at least one data-plane monitor must be UP, and no more can be asked for than are attached.
func required(in MemberInput, total int) int {
	need := in.MinUp
	if need == 0 {
		return total
	}
	if in.Control != ControlNone {
		need--
	}
	return min(max(need, 1), total)
}

// controlOnly decides without monitors. What was last heard of a controller that does not answer stays valid until the
// member's site is declared gone, which flushes it (that it stays valid so long is unconfirmed).
func controlOnly(in MemberInput) Status {
	switch in.Control {
	case ControlUp:
		return Status{State: StateUp, Cause: CauseControlPlane}
	case ControlDown:
		return Status{State: StateDown, Reason: in.ControlReason, Cause: CauseControlPlane}
	}
	if in.Before == StateUp || in.Before == StateDown {
		return Status{State: StateDown, Reason: "controller of the site does not report", Cause: CauseControlPlane}
	}
	return initializing("")
}

// unwatched is the status of a member without monitors and without control plane. That it counts as UP is unconfirmed.
func unwatched() Status { return Status{State: StateUp, Cause: CauseConfiguration} }

// initializing is the status of a member while a monitor has no verdict: a member that was up or down stays so (that it
// does is unconfirmed), so that attaching a monitor does not take a healthy service away.
func initializing(before State) Status {
	if before == StateUp || before == StateDown {
		return Status{State: before, Cause: CauseDataPlane}
	}
	return Status{State: StateInitializing, Reason: "first health checks are under way", Cause: CauseDataPlane}
}

func count(monitors []Verdict) (up, pending int) {
	for _, v := range monitors {
		switch v {
		case VerdictUp:
			up++
		case VerdictUnknown:
			pending++
		}
	}
	return up, pending
}

// Pool derives a pool's status: UP if any member is UP.
func Pool(serviceEnabled, poolEnabled bool, members []Status) Status {
	switch {
	case !serviceEnabled:
		return Status{State: StateDisabled, Reason: "GSLB service is disabled"}
	case !poolEnabled:
		return Status{State: StateDisabled, Reason: "pool is disabled"}
	}
	return anyUp(members, "no member is up")
}

// Service derives a GSLB service's status: UP if any pool is UP.
func Service(enabled bool, pools []Status) Status {
	if !enabled {
		return Status{State: StateDisabled, Reason: "GSLB service is disabled"}
	}
	return anyUp(pools, "no pool is up")
}

// anyUp is UP if a part is UP, initializing if none is UP but some may become so, else DOWN.
func anyUp(parts []Status, reason string) Status {
	starting := false
	for _, p := range parts {
		switch p.State {
		case StateUp:
			return Status{State: StateUp}
		case StateInitializing:
			starting = true
		}
	}
	if starting {
		return Status{State: StateInitializing, Reason: "first health checks are under way"}
	}
	return Status{State: StateDown, Reason: reason}
}
