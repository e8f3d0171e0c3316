package fault

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
)

// Config of Rules.
type Config struct {
	// Seed of the draws.
	Seed uint64
}

// rulesMax bounds the rules.
const rulesMax = 1_000

// ErrTooMany is returned when there is no room for another rule.
var ErrTooMany = errors.New("too many rules: delete some")

// Rules is a list of rules in the order in which they were added. It is safe for concurrent use.
type Rules struct {
	seed uint64

	mu    sync.Mutex
	added uint64
	list  []*entry
}

type entry struct {
	rule  Rule
	draws *rand.Rand
}

// New returns an empty list.
func New(cfg Config) *Rules {
	return &Rules{seed: cfg.Seed}
}

// Add adds a rule and returns it with its ID. The error is that of Check, or ErrTooMany.
func (l *Rules) Add(r Rule) (Rule, error) {
	if err := r.Check(); err != nil {
		return Rule{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= rulesMax {
		return Rule{}, ErrTooMany
	}
	l.added++
	r.ID, r.Struck, r.Matched = strconv.FormatUint(l.added, 10), 0, 0
	l.list = append(l.list, &entry{rule: r, draws: rand.New(rand.NewPCG(l.seed, l.added))})
	return r, nil
}

// List returns all rules with their counters.
func (l *Rules) List() []Rule {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Rule, len(l.list))
	for i, e := range l.list {
		out[i] = e.rule
	}
	return out
}

// Remove removes a rule; false if there is none with this ID.
func (l *Rules) Remove(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.list)
	l.list = slices.DeleteFunc(l.list, func(e *entry) bool { return e.rule.ID == id })
	return len(l.list) < before
}

// Clear removes all rules.
func (l *Rules) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}

// strike returns the rules that strike a request, in order, up to the first that answers it.
func (l *Rules) strike(controller, method, path string) []Rule {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Rule
	for _, e := range l.list {
		if !e.strikes(controller, method, path) {
			continue
		}
		out = append(out, e.rule)
		if e.rule.Status != 0 || e.rule.Drop != "" {
			break
		}
	}
	return out
}

func (e *entry) strikes(controller, method, path string) bool {
	r := &e.rule
	if !r.matches(controller, method, path) || r.Count > 0 && r.Struck >= r.Count {
		return false
	}
	r.Matched++
	if r.Matched <= r.Skip || r.Probability > 0 && e.draws.Float64() >= r.Probability {
		return false
	}
	r.Struck++
	return true
}
