package live

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/onsi/gomega"
)

// TestABodyThatDoesNotComeEndsTheConnection announces a body and sends the half of it; a client that sends all of it may wait for its reply
// longer than for the body.
func TestABodyThatDoesNotComeEndsTheConnection(t *testing.T) {
	g := gomega.NewWithT(t)
	const limit = 200 * time.Millisecond
	server := httptest.NewServer(patient(limit, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.WriteHeader(http.StatusRequestTimeout)
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		default:
			select {
			case <-r.Context().Done():
				w.WriteHeader(http.StatusInternalServerError)
			case <-time.After(2 * limit):
			}
		}
	})))
	defer server.Close()
	exchange := func(request string) string {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		g.Expect(err).NotTo(gomega.HaveOccurred())
		defer c.Close()
		_, err = io.WriteString(c, request)
		g.Expect(err).NotTo(gomega.HaveOccurred())
		reply, err := io.ReadAll(c)
		g.Expect(err).NotTo(gomega.HaveOccurred())
		return string(reply)
	}
	head := "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8\r\n\r\n"
	g.Expect(exchange(head + "half")).To(gomega.HavePrefix("HTTP/1.1 408 "))
	g.Expect(exchange(head + "complete")).To(gomega.HavePrefix("HTTP/1.1 200 "))
}
