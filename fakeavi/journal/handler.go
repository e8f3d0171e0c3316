package journal

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Durable returns a handler whose replies are sent when the disk has all that the store had when next began to reply. If
// the disk fails, the reply is 503 instead.
func (j *Journal) Durable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := &durable{ResponseWriter: w, journal: j}
		next.ServeHTTP(d, r)
		d.wait()
	})
}

// durable holds a reply back.
type durable struct {
	http.ResponseWriter
	journal *Journal
	waited  bool
	failed  bool
}

// wait blocks before the first byte of a reply.
func (d *durable) wait() {
	if d.waited {
		return
	}
	d.waited = true
	if err := d.journal.Wait(d.journal.store.Version()); err != nil {
		d.failed = true
		api.WriteError(d.ResponseWriter, store.Refuse(http.StatusServiceUnavailable, "the write may be lost: %v", err))
	}
}

func (d *durable) WriteHeader(code int) {
	d.wait()
	if !d.failed {
		d.ResponseWriter.WriteHeader(code)
	}
}

func (d *durable) Write(p []byte) (int, error) {
	d.wait()
	if d.failed {
		return len(p), nil
	}
	return d.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (d *durable) Unwrap() http.ResponseWriter { return d.ResponseWriter }
