// Package record keeps what happens in a run: the event log and the observations that checks judge.
package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// MaxEvents bounds the event log; what comes after is counted but not kept.
const MaxEvents = 200_000

// Recorder is safe for concurrent use. Instants are taken from the ordinary clock, virtual in a virtual run.
type Recorder struct {
	zero time.Time

	mu       sync.Mutex
	events   []result.Event
	dropped  int
	evidence result.Evidence
	closed   bool
}

// New returns an empty recorder whose clock zero is the given instant. Observations before it are not kept; events are.
func New(zero time.Time) *Recorder { return &Recorder{zero: zero} }

// Now returns the time since clock zero, negative before it.
func (r *Recorder) Now() time.Duration { return time.Since(r.zero) }

// Event logs that an actor did or saw something. kind is one word, or several with dashes.
func (r *Recorder) Event(actor, kind, format string, args ...any) {
	at := r.Now()
	text := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if len(r.events) >= MaxEvents {
		r.dropped++
		return
	}
	r.events = append(r.events, result.Event{At: result.Millis(at), Nanos: int64(at), Actor: actor, Kind: kind, Text: text})
}

// Authoritative keeps a reply of a DNS virtual service, given at this instant.
func (r *Recorder) Authoritative(a result.Answer) { r.answer(&r.evidence.Authoritative, a) }

// Client keeps what a client was answered at this instant, or that it gave up.
func (r *Recorder) Client(a result.Answer) { r.answer(&r.evidence.Client, a) }

func (r *Recorder) answer(to *[]result.Answer, a result.Answer) {
	a.At = r.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.At >= 0 && !r.closed {
		*to = append(*to, a)
	}
}

// Change keeps that a fault begins or ends at this instant.
func (r *Recorder) Change(fault string, ends bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.evidence.Changes = append(r.evidence.Changes, result.Change{Fault: fault, Ends: ends, At: r.Now()})
}

// Close ends the recording: what still happens while the world is taken down is not part of the run. It returns the event
// log in the order of (time, actor, kind, text), which does not depend on the scheduling of goroutines, and the evidence.
func (r *Recorder) Close() ([]result.Event, result.Evidence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	slices.SortFunc(r.events, func(a, b result.Event) int {
		return cmp.Or(cmp.Compare(a.Nanos, b.Nanos), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
	})
	if r.dropped > 0 {
		last := r.events[len(r.events)-1]
		last.Actor, last.Kind, last.Text = "recorder", "events-dropped", fmt.Sprintf("%d more events were not kept", r.dropped)
		r.events = append(r.events, last)
	}
	return r.events, r.evidence
}

// Digest returns the SHA-256 of events and observations, in hex.
func Digest(events []result.Event, e result.Evidence) string {
	h := sha256.New()
	for _, ev := range events {
		writeInt(h, ev.Nanos)
		writeText(h, ev.Actor, ev.Kind, ev.Text)
	}
	for _, layer := range [][]result.Answer{e.Authoritative, e.Client} {
		writeInt(h, int64(len(layer)))
		for _, a := range layer {
			writeInt(h, int64(a.At))
			writeInt(h, int64(a.Took))
			writeInt(h, int64(a.Rcode))
			writeText(h, a.By, a.Name, a.Site, a.Addr)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeInt(h hash.Hash, v int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(v))
	h.Write(b[:])
}

// writeText adds texts so that no two different sequences of them add the same bytes.
func writeText(h hash.Hash, texts ...string) {
	for _, s := range texts {
		writeInt(h, int64(len(s)))
		h.Write([]byte(s))
	}
}
