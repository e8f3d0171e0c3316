package kubetest

import (
	"errors"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// errReset is what a client sees of a connection that ends before the answer.
var errReset = errors.New("read tcp: connection reset by peer")

// Fault is what happens to a request in place of its effect.
type Fault struct {
	// Status is answered, with the reason that goes with it; 0 closes the connection.
	Status int
	// Applied lets a write take effect all the same.
	Applied bool
	// Silent keeps the request waiting until the client gives up, or until OnRequest is called again.
	Silent bool
}

// Request is what decides whether a request meets a fault.
type Request struct {
	Verb, Resource, Subresource string
	Watch                       bool
}

// OnRequest sets what decides on faults; nil, or the result nil, is no fault. The function is called under the server's lock.
func (s *Server) OnRequest(fault func(Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
	close(s.lifted)
	s.lifted = make(chan struct{})
}

// EndWatches ends all watches, as a server does from time to time.
func (s *Server) EndWatches() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeWatches()
}

// Unserve takes a kind away, with all its objects and watches, as when a definition is deleted.
func (s *Server) Unserve(gvr schema.GroupVersionResource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gv := gvr.GroupVersion()
	delete(s.served[gv], gvr.Resource)
	for path, o := range s.objects {
		if o.gv == gv && o.resource == gvr.Resource {
			s.remove(path)
		}
	}
	for w := range s.watchers {
		if w.gv == gv && w.resource == gvr.Resource {
			w.close()
			delete(s.watchers, w)
		}
	}
}

// meets returns the fault that a request meets, nil if none, and what ends a silent one.
func (s *Server) meets(r *http.Request) (*Fault, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		return nil, s.lifted
	}
	_, _, resource, _, subresource, _ := split(r.URL.Path)
	return s.fault(Request{r.Method, resource, subresource, r.URL.Query().Get("watch") != ""}), s.lifted
}

// RoundTrip answers a request. It blocks on nothing but on events, in the body of a watch, and on a fault that is Silent, so that
// it may be used in virtual time.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	f, lifted := s.meets(r)
	switch {
	case f == nil:
		return s.answer(r)
	case f.Applied && r.Method != http.MethodGet:
		if _, err := s.answer(r); err != nil {
			return nil, err
		}
	case f.Silent:
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-lifted:
		}
	}
	if f.Status == 0 {
		return nil, errReset
	}
	reason := map[int]metav1.StatusReason{
		http.StatusConflict: metav1.StatusReasonConflict, http.StatusTooManyRequests: metav1.StatusReasonTooManyRequests,
		http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusServiceUnavailable: metav1.StatusReasonServiceUnavailable,
	}[f.Status]
	return status(f.Status, reason, "fault"), nil
}
