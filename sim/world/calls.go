package world

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gslbsim/gslbsim/sim/record"
	"github.com/gslbsim/gslbsim/sim/result"
)

// calls counts the API requests that the controllers were asked, and logs those that write.
type calls struct {
	rec *record.Recorder

	mu     sync.Mutex
	counts map[result.CallCount]int // with Count 0
}

func newCalls(rec *record.Recorder) *calls {
	return &calls{rec: rec, counts: map[result.CallCount]int{}}
}

// countedHandler is a site's API whose requests are counted.
type countedHandler struct {
	*calls
	site string
	next http.Handler
}

func (c *calls) counting(site string, next http.Handler) http.Handler {
	return &countedHandler{c, site, next}
}

// ServeHTTP implements http.Handler.
func (h *countedHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	h.next.ServeHTTP(sw, r)
	program := cmp.Or(r.Header.Get("X-Avi-UserAgent"), "administrator")
	call := result.CallCount{Program: program, Method: r.Method, Type: objectType(r.URL.Path), Status: sw.status}
	h.mu.Lock()
	h.counts[call]++
	h.mu.Unlock()
	if r.Method != http.MethodGet && call.Type != "login" {
		h.rec.Event(h.site+"/controller", "request", "%s %s from %s: %d", r.Method, call.Type, program, sw.status)
	}
}

// sorted returns the counts in the order of their fields.
func (c *calls) sorted() []result.CallCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]result.CallCount, 0, len(c.counts))
	for call, n := range c.counts {
		call.Count = n
		out = append(out, call)
	}
	slices.SortFunc(out, func(a, b result.CallCount) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return out
}

// objectType is the part of a path that names what is asked for: "gslbservice", "login".
func objectType(path string) string {
	parts := strings.Split(strings.Trim(strings.ReplaceAll(path, "//", "/"), "/"), "/")
	if len(parts) > 1 && parts[0] == "api" {
		return parts[1]
	}
	return parts[0]
}

// statusWriter remembers the status of a reply.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
