package querylog

import (
	"slices"
	"time"
)

// throttle decides which entries a policy lets through. Its users lock it.
type throttle struct {
	policy  Policy
	windows map[window]*second
}

func newThrottle(policy Policy) throttle {
	policy.Cores = max(policy.Cores, 1)
	policy.Exclude = slices.Clone(policy.Exclude)
	return throttle{policy: policy, windows: make(map[window]*second)}
}

// window is what one throttle counts.
type window struct {
	virtualService string // empty for a whole service engine
	engine         string
	kind           kind
}

type kind uint8

const (
	kindAny kind = iota
	kindSignificant
	kindFiltered
	kindFull

	kinds = 4
)

// kind sorts an entry for the throttles.
func (e *Entry) kind() kind {
	switch {
	case e.Significance != "":
		return kindSignificant
	case e.Filter != "":
		return kindFiltered
	default:
		return kindFull
	}
}

// significance is what is left of a reason under the policy.
func (p *Policy) significance(reason string) string {
	if slices.Contains(p.Exclude, reason) {
		return ""
	}
	return reason
}

// limit is how many entries of a kind are kept a second; 0 is no limit.
func (p *Policy) limit(k kind) int {
	switch k {
	case kindSignificant:
		return p.Significant
	case kindFiltered:
		return p.Filtered
	default:
		return p.Full
	}
}

// ended tells whether nothing of a kind is kept any more.
func (p *Policy) ended(k kind, now time.Time) bool {
	return k == kindFull && p.FullDuration > 0 && now.Sub(p.FullSince) >= p.FullDuration
}

// second counts the entries of one second.
type second struct {
	unix  int64
	count int
}

// maxWindows bounds the throttle counters; beyond, those of past seconds are
// dropped.
const maxWindows = 10_000

// admits counts an entry, unless the policy throttles it or has ended the
// logging of its kind.
func (t *throttle) admits(virtualService, engine string, k kind, at time.Time) bool {
	if t.policy.ended(k, at) {
		return false
	}
	now := at.Unix()
	own := t.window(window{virtualService, engine, k}, now)
	all := t.window(window{"", engine, kindAny}, now)
	limit := t.policy.limit(k)
	if limit > 0 && own.count >= limit || t.policy.PerEngine > 0 && all.count >= t.policy.PerEngine*t.policy.Cores {
		return false
	}
	own.count++
	all.count++
	return true
}

// window is the count of a throttle for the current second.
func (t *throttle) window(w window, now int64) *second {
	s := t.windows[w]
	if s == nil {
		if len(t.windows) >= maxWindows {
			for old, count := range t.windows {
				if count.unix < now {
					delete(t.windows, old)
				}
			}
		}
		s = &second{unix: now}
		t.windows[w] = s
	}
	if s.unix != now {
		*s = second{unix: now}
	}
	return s
}
