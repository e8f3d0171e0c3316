package api

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"
)

// session is one login.
type session struct {
	id, csrf string
	user     string
	created  time.Time
	used     time.Time
}

// sessionsMax bounds the sessions of a controller; at that number the tenth that was idle longest ends.
const sessionsMax = 10_000

// sessions is the table of open sessions.
type sessions struct {
	secrets *secrets

	mu      sync.Mutex
	byID    map[string]*session
	sweepAt int // number of sessions at which expired ones are looked for
}

// sweepMin is the number of sessions below which expired ones are left where they are.
const sweepMin = 64

func newSessions(s *secrets) *sessions {
	return &sessions{secrets: s, byID: map[string]*session{}, sweepAt: sweepMin}
}

// open starts a session for a user; nil if the user has as many as most already, 0 for any number.
func (t *sessions) open(user string, limits *settings, most int) *session {
	now := time.Now()
	s := &session{id: t.secrets.next("session", 32), csrf: t.secrets.next("csrf", 32), user: user, created: now, used: now}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.byID) >= t.sweepAt {
		t.sweep(now, limits)
		t.sweepAt = min(max(2*len(t.byID), sweepMin), sessionsMax)
	}
	if most > 0 && t.openOf(user, now, limits) >= most {
		return nil
	}
	t.byID[s.id] = s
	return s
}

// openOf counts the open sessions of a user. The caller holds t.mu.
func (t *sessions) openOf(user string, now time.Time, limits *settings) int {
	n := 0
	for _, s := range t.byID {
		if s.user == user && !s.expired(now, limits) {
			n++
		}
	}
	return n
}

// sweep ends expired sessions, and the tenth that was idle longest if the table is full. The caller holds t.mu.
func (t *sessions) sweep(now time.Time, limits *settings) {
	for id, s := range t.byID {
		if s.expired(now, limits) {
			delete(t.byID, id)
		}
	}
	if len(t.byID) < sessionsMax {
		return
	}
	idle := slices.SortedFunc(maps.Values(t.byID), func(a, b *session) int {
		return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.id, b.id))
	})
	for _, s := range idle[:sessionsMax/10] {
		delete(t.byID, s.id)
	}
}

func (s *session) expired(now time.Time, limits *settings) bool {
	return now.Sub(s.created) >= limits.force || (limits.idle > 0 && now.Sub(s.used) >= limits.idle)
}

// use returns an open session and counts as activity on it; nil if it is unknown or over.
func (t *sessions) use(id string, limits *settings) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byID[id]
	if !ok {
		return nil
	}
	now := time.Now()
	if s.expired(now, limits) {
		delete(t.byID, id)
		return nil
	}
	s.used = now
	return s
}

func (t *sessions) close(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, id)
}

func (t *sessions) closeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byID = map[string]*session{}
}

// secrets makes tokens: random ones, or for a seed other than 0 a fixed sequence, so that runs can be repeated byte for byte.
type secrets struct {
	seed uint64

	mu    sync.Mutex
	count uint64
}

// next returns a fresh token of the given number of hexadecimal digits, at most 64.
func (s *secrets) next(kind string, digits int) string {
	var raw [sha256.Size]byte
	if s.seed == 0 {
		// Never fails: crypto/rand ends the program instead.
		_, _ = rand.Read(raw[:])
		return hex.EncodeToString(raw[:])[:digits]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	in := binary.BigEndian.AppendUint64([]byte(kind), s.seed)
	raw = sha256.Sum256(binary.BigEndian.AppendUint64(in, s.count))
	return hex.EncodeToString(raw[:])[:digits]
}
