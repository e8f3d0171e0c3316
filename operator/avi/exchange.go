package avi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// exchange is the HTTP client of one SDK session, which lives for one call. The SDK's sessions take no context, and write
// to themselves without a lock when they log in again; with a session for each call neither matters. The login is not made
// for each call, though: it is answered from the client's.
type exchange struct {
	client *Client
	ctx    context.Context // the SDK has no parameter for it
	// login is the login that the session's cookies come from.
	login *login
	// status, message and header are the last reply's; status 0: there was none.
	status  int
	message string
	header  http.Header
}

// bodyLimit bounds a reply, errorLimit what is kept of an error's, in bytes.
const (
	bodyLimit  = 64 << 20
	errorLimit = 4 << 10
)

// Do sends a request of the SDK's.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/login" {
		fresh, err := x.client.logins.get(x.ctx, x.login, req)
		if err != nil {
			x.status = 0 // the call itself has no answer any more
			return nil, err
		}
		x.login = fresh
		return fresh.reply(req), nil
	}
	x.status, x.message, x.header = 0, "", nil
	resp, err := x.client.http.Do(req.WithContext(x.ctx))
	if err != nil {
		return nil, err
	}
	x.status, x.header = resp.StatusCode, resp.Header
	resp.Body = limited(resp.Body, bodyLimit)
	if resp.StatusCode >= http.StatusMultipleChoices {
		x.message, err = readMessage(resp)
	}
	return resp, err
}

// readMessage reads the body of an error, and puts something in its place that the SDK can read: it expects JSON.
func readMessage(resp *http.Response) (string, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, errorLimit))
	_ = resp.Body.Close()
	if err != nil {
		return "", fmt.Errorf("the reply broke off: %w", err)
	}
	message := messageOf(body)
	if message == "" {
		message = http.StatusText(resp.StatusCode)
	}
	resp.Body = io.NopCloser(strings.NewReader(`{}`))
	return message, nil
}

// messageOf is what an error's body says: its field "error" if it is JSON, else its text.
func messageOf(body []byte) string {
	var reply map[string]any
	if json.Unmarshal(body, &reply) != nil {
		return string(bytes.TrimSpace(body))
	}
	if text, ok := reply["error"].(string); ok {
		return text
	}
	if len(reply) == 0 {
		return ""
	}
	return string(bytes.TrimSpace(body))
}

// limited is a body that fails when more than n bytes are read.
func limited(body io.ReadCloser, n int64) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{&limitReader{body, n}, body}
}

type limitReader struct {
	r    io.Reader
	left int64
}

func (l *limitReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the reply is larger than %d bytes", int64(bodyLimit))
	}
	return n, err
}
