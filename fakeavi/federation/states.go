package federation

import (
	"maps"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// stateLog is the states of a controller's virtual services, with the turn at which each last changed, so that others can
// be told what they have missed.
type stateLog struct {
	epoch   uint64 // another one after every power cycle: turns start again
	turn    uint64
	entries map[string]stateEntry
	// complete: entries are all there are. Until then nobody is told, for what is missing would be taken for gone.
	complete bool
}

type stateEntry struct {
	turn  uint64
	gone  bool
	state engine.VSState
}

func newStateLog(epoch uint64) stateLog {
	return stateLog{epoch: epoch, entries: map[string]stateEntry{}}
}

func (l *stateLog) set(s engine.VSState) {
	old, ok := l.entries[s.UUID]
	if ok && !old.gone && old.state.Status == s.Status && old.state.Name == s.Name && slices.Equal(old.state.VIPs, s.VIPs) {
		return
	}
	l.turn++
	l.entries[s.UUID] = stateEntry{turn: l.turn, state: s}
}

func (l *stateLog) remove(uuid string) {
	if e, ok := l.entries[uuid]; ok && !e.gone {
		l.turn++
		l.entries[uuid] = stateEntry{turn: l.turn, gone: true}
	}
}

// count returns how many virtual services there are, without what a health monitor proxy tells of members.
func (l *stateLog) count() int {
	n := 0
	for uuid, e := range l.entries {
		if !e.gone && !strings.Contains(uuid, "/") {
			n++
		}
	}
	return n
}

// goneLimit bounds how many removed virtual services are remembered; beyond it everybody is told everything.
const goneLimit = 10_000

// since returns what changed after a turn of an epoch, in the order of the uuids.
func (l *stateLog) since(epoch, turn uint64) Delta {
	if !l.complete {
		return Delta{Pending: true}
	}
	d := Delta{Epoch: l.epoch, Seen: l.turn}
	if epoch != l.epoch || turn > l.turn {
		d.Full, turn = true, 0
	}
	if turn == l.turn && !d.Full {
		return d
	}
	for _, uuid := range slices.Sorted(maps.Keys(l.entries)) {
		switch e := l.entries[uuid]; {
		case e.turn <= turn:
		case !e.gone:
			d.States = append(d.States, e.state)
		case !d.Full:
			d.Gone = append(d.Gone, uuid)
		}
	}
	return d
}

// trim forgets removed virtual services when there are too many, and starts another epoch.
func (l *stateLog) trim() {
	gone := 0
	for _, e := range l.entries {
		if e.gone {
			gone++
		}
	}
	if gone <= goneLimit {
		return
	}
	maps.DeleteFunc(l.entries, func(_ string, e stateEntry) bool { return e.gone })
	l.epoch += epochStep
}

// epochStep keeps epochs of trims apart from those of power cycles.
const epochStep = 1 << 32
