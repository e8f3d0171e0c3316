package avi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// login is a login that succeeded: what the SDK has to see of it.
type login struct{ header http.Header }

// reply is the controller's answer to the login, once more.
func (l *login) reply(req *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: l.header.Clone(), Body: io.NopCloser(strings.NewReader(`{}`)), Request: req,
	}
}

// logins is the one login that all calls of a client share.
type logins struct {
	http *http.Client
	// turn is held by the goroutine that logs in, or looks whether it has to. It is a channel because a goroutine that
	// waits for a mutex keeps virtual time from going on.
	turn    chan struct{}
	current *login
}

func newLogins(client *http.Client) *logins {
	return &logins{http: client, turn: make(chan struct{}, 1)}
}

// get returns a login other than used, which the controller does not know any more; nil: any. It logs in with req if there
// is none.
func (l *logins) get(ctx context.Context, used *login, req *http.Request) (*login, error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-l.turn }()
	if l.current != nil && l.current != used {
		return l.current, nil
	}
	resp, err := l.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, loginError(resp)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, errorLimit))
	l.current = &login{header: resp.Header}
	return l.current, nil
}

func loginError(resp *http.Response) error {
	message, err := readMessage(resp)
	if err != nil {
		return err
	}
	e := &Error{
		Verb: http.MethodPost, URI: "login", Status: resp.StatusCode, Message: message,
		Kind: classify(http.MethodPost, resp.StatusCode, message), RetryAfter: retryAfter(resp.Header),
	}
	if e.Kind == Session || resp.StatusCode == http.StatusForbidden {
		e.Kind = Credentials
	}
	return fmt.Errorf("log in: %w", e)
}
