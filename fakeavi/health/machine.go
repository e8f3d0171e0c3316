package health

// Verdict is what one monitor holds of one target.
type Verdict uint8

// The verdicts of a monitor. VerdictUnknown lasts until the first run of checks has ended.
const (
	VerdictUnknown Verdict = iota
	VerdictUp
	VerdictDown
)

func (v Verdict) String() string {
	switch v {
	case VerdictUp:
		return "up"
	case VerdictDown:
		return "down"
	default:
		return "unknown"
	}
}

// Thresholds says how many like outcomes in a row change a verdict: successful_checks and failed_checks of a health
// monitor, 1-50 each. Values below 1 count as 1.
type Thresholds struct {
	Successes, Failures int
}

// Machine counts the outcomes of one monitor. The zero value has no verdict yet.
type Machine struct {
	verdict Verdict
	run     int // like outcomes in a row
	last    bool
}

// Verdict returns what the monitor holds at present.
func (m *Machine) Verdict() Verdict { return m.verdict }

// Observe counts one outcome and reports whether the verdict changed.
func (m *Machine) Observe(ok bool, t Thresholds) (changed bool) {
	if m.run > 0 && m.last != ok {
		m.run = 0
	}
	m.last = ok
	m.run++
	before := m.verdict
	switch {
	case ok && m.run >= t.Successes:
		m.verdict = VerdictUp
	case !ok && m.run >= t.Failures:
		m.verdict = VerdictDown
	}
	return m.verdict != before
}

// Settled reports whether more outcomes like the last one would change nothing.
func (m *Machine) Settled() bool {
	switch m.verdict {
	case VerdictUp:
		return m.last
	case VerdictDown:
		return !m.last
	default:
		return false
	}
}
