package avi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/vmware/alb-sdk/go/session"
)

// Config says how to reach a controller.
type Config struct {
	// Address is the controller's address or host name, with ":port" if the port is not 443.
	Address  string
	Username string
	Password string
	// Version is the API version that requests ask for; empty: the SDK's default.
	Version string
	// CA are the certificates, PEM encoded, that the controller's must be signed by. Empty: any certificate is accepted, as
	// AMKO does.
	CA []byte
	// Transport carries the requests; nil: HTTPS connections of the client's own.
	Transport http.RoundTripper
	// Timeout bounds a call; 0 means DefaultTimeout.
	Timeout time.Duration
}

// DefaultTimeout is how long a call may take. AMKO waits for two minutes, and everything of the same worker with it.
const DefaultTimeout = 30 * time.Second

// Client is a login to a controller. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	logins *logins
}

// New returns a client. It makes no request; the first call logs in.
func New(config Config) (*Client, error) {
	if config.Address == "" {
		return nil, errors.New("the controller's address is empty: set controllerIP of the GSLBConfig")
	}
	if config.Timeout == 0 {
		config.Timeout = DefaultTimeout
	}
	transport := config.Transport
	if transport == nil {
		own, err := newTransport(config.CA)
		if err != nil {
			return nil, err
		}
		transport = own
	}
	parseFlags()
	client := &http.Client{Transport: transport}
	return &Client{config: config, http: client, logins: newLogins(client)}, nil
}

// Close closes the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Address is the address that the client speaks to.
func (c *Client) Address() string { return c.config.Address }

func newTransport(ca []byte) (*http.Transport, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: len(ca) == 0} // see Config.CA
	if len(ca) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("the controller's CA certificates cannot be read: they must be PEM encoded")
		}
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	return &http.Transport{
		TLSClientConfig: config, DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second,
	}, nil
}

const connectTimeout = 10 * time.Second

// parseFlags keeps the SDK from parsing the command line of the process, which it does in every session if nobody has: it
// would end the process at the first flag that it does not know.
var parseFlags = sync.OnceFunc(func() {
	if !flag.Parsed() {
		_ = flag.CommandLine.Parse(nil)
	}
})

// Get reads an object or a page of a list. tenant "*" means all.
func (c *Client) Get(ctx context.Context, tenant, path string, query url.Values) ([]byte, error) {
	uri := "api/" + path
	if len(query) > 0 {
		uri += "?" + query.Encode()
	}
	return c.do(ctx, http.MethodGet, uri, tenant, nil)
}

// Create makes an object and returns it as the controller holds it.
func (c *Client) Create(ctx context.Context, kind, tenant string, body json.RawMessage) ([]byte, error) {
	return c.do(ctx, http.MethodPost, "api/"+kind, tenant, body)
}

// Update replaces an object and returns it as the controller holds it.
func (c *Client) Update(ctx context.Context, kind, tenant, uuid string, body json.RawMessage) ([]byte, error) {
	return c.do(ctx, http.MethodPut, "api/"+kind+"/"+uuid, tenant, body)
}

// Delete removes an object.
func (c *Client) Delete(ctx context.Context, kind, tenant, uuid string) error {
	_, err := c.do(ctx, http.MethodDelete, "api/"+kind+"/"+uuid, tenant, nil)
	return err
}

// do makes a call, and makes it a second time if the session had run out. All errors are *Error.
func (c *Client) do(ctx context.Context, verb, uri, tenant string, body json.RawMessage) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	x := &exchange{client: c, ctx: ctx}
	sess, err := c.session(x)
	if err != nil {
		return nil, x.failure(verb, uri, err)
	}
	used := x.login
	reply, err := send(sess, verb, uri, tenant, body)
	if err != nil && (x.status == http.StatusUnauthorized || x.status == statusSessionGone) {
		// After 401 the SDK has logged in again, but returns the error; after 419 it has not.
		if x.login == used {
			if sess, err = c.session(x); err != nil {
				return nil, x.failure(verb, uri, err)
			}
		}
		reply, err = send(sess, verb, uri, tenant, body)
	}
	if err != nil {
		return nil, x.failure(verb, uri, err)
	}
	return reply, nil
}

func (c *Client) session(x *exchange) (*session.AviSession, error) {
	options := []func(*session.AviSession) error{
		session.SetClient(x), session.SetPassword(c.config.Password), session.DisableControllerStatusCheckOnFailure(true),
		// By this header controllers tell the operator's requests from others' in their logs. The value is AMKO's.
		session.SetUserHeader(map[string]string{"X-Avi-UserAgent": "AMKO"}),
	}
	if c.config.Version != "" {
		options = append(options, session.SetVersion(c.config.Version))
	}
	return session.NewAviSession(c.config.Address, c.config.Username, options...)
}

func send(sess *session.AviSession, verb, uri, tenant string, body json.RawMessage) ([]byte, error) {
	in := session.SetOptTenant(tenant)
	switch verb {
	case http.MethodPost:
		return sess.PostRaw(uri, body, in)
	case http.MethodPut:
		return sess.PutRaw(uri, body, in)
	case http.MethodDelete:
		return nil, sess.DeleteObject(uri, in)
	}
	return sess.GetRaw(uri, in)
}

// failure turns what the SDK returned into an Error.
func (x *exchange) failure(verb, uri string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	e = &Error{Verb: verb, URI: uri, Status: x.status, Message: x.message, cause: err}
	switch {
	case x.status == 0:
		e.Kind, e.Message = Unreachable, reasonOf(err)
	case x.status < http.StatusMultipleChoices:
		e.Kind, e.Message = Garbled, fmt.Sprintf("the reply cannot be read: %v", err)
	default:
		e.Kind, e.RetryAfter = classify(verb, x.status, x.message), retryAfter(x.header)
	}
	return e
}

// reasonOf is the cause of an error without the URL, which the Error has anyway.
func reasonOf(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}
