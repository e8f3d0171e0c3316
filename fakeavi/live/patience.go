package live

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// bodyTimeout is how long a client may take for a request's body. UNCONFIRMED: the product's limit.
const bodyTimeout = time.Minute

// patient ends connections whose client does not send the body that it announced, so that half-open ones do not pile up. The time that
// a reply takes is not limited.
func patient(limit time.Duration, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &limitedBody{ReadCloser: r.Body, connection: http.NewResponseController(w), limit: limit}
		}
		h.ServeHTTP(w, r)
	})
}

// limitedBody is a body that is read under a deadline: from the first read on, until its end.
type limitedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	limit      time.Duration
	begun      bool
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.deadline(time.Now().Add(b.limit))
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		b.deadline(time.Time{})
	}
	return n, err
}

// deadline is refused only where there is no connection whose end could be awaited.
func (b *limitedBody) deadline(t time.Time) { _ = b.connection.SetReadDeadline(t) }
