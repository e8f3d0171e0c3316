package fault

import (
	"bytes"
	"net/http"
	"time"
)

// Target is a controller that rules are applied to.
type Target struct {
	// Controller is its name in rules.
	Controller string
	// Expire ends the session of a request, ExpireAll all of them; may be nil.
	Expire    func(*http.Request)
	ExpireAll func()
}

// Handler returns a handler that applies the rules to requests before next sees them.
func (l *Rules) Handler(t Target, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, rule := range l.strike(t.Controller, r.Method, clean(r)) {
			if !rule.wait(r) {
				return
			}
			t.expire(rule, r)
			switch {
			case rule.Status != 0:
				rule.answer(w)
				return
			case rule.Drop == After:
				next.ServeHTTP(&swallow{header: http.Header{}}, r)
				Drop()
				return
			case rule.Drop == Before:
				Drop()
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// wait waits as long as the rule says; false if the client gave up.
func (r Rule) wait(req *http.Request) bool {
	if r.Delay == 0 {
		return true
	}
	timer := time.NewTimer(time.Duration(r.Delay))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-req.Context().Done():
		return false
	}
}

func (t Target) expire(r Rule, req *http.Request) {
	switch {
	case r.Expire == Session && t.Expire != nil:
		t.Expire(req)
	case r.Expire == All && t.ExpireAll != nil:
		t.ExpireAll()
	}
}

func (r Rule) answer(w http.ResponseWriter) {
	body := []byte(r.Body)
	if body == nil {
		body = []byte(`{"error": "injected fault"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.Status)
	_, _ = w.Write(append(bytes.TrimSpace(body), '\n'))
}

// Drop closes the connection of a request without an answer. It does not return: net/http takes the panic.
func Drop() { panic(http.ErrAbortHandler) }

// swallow takes a reply that nobody gets.
type swallow struct{ header http.Header }

func (w *swallow) Header() http.Header         { return w.header }
func (w *swallow) WriteHeader(int)             {}
func (w *swallow) Write(p []byte) (int, error) { return len(p), nil }
