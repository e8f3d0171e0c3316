// Package aviclient opens sessions of the official SDK for the programs of a world that talk to a controller as anybody
// would: an administrator, the thing that plays AKO, the one who reads the configurations at the end.
package aviclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/vmware/alb-sdk/go/session"
)

// Target is a controller and how to log in to it.
type Target struct {
	Address  netip.Addr
	Version  string // sent as X-Avi-Version
	Username string
	Password string
	Tenant   string // default admin
	Program  string // sent as X-Avi-UserAgent; empty: none
}

// Timeout is after how long a request is given up: the SDK's default.
const Timeout = 60 * time.Second

// Open logs in. The session leaves retries to its caller: an error is returned as it came.
func Open(t Target, transport http.RoundTripper) (*session.AviSession, error) {
	tenant := t.Tenant
	if tenant == "" {
		tenant = "admin"
	}
	headers := map[string]string{}
	if t.Program != "" {
		headers["X-Avi-UserAgent"] = t.Program
	}
	s, err := session.NewAviSession(t.Address.String(), t.Username,
		session.SetPassword(t.Password), session.SetVersion(t.Version), session.SetTenant(tenant), session.SetInsecure, session.SetUserHeader(headers),
		session.SetClient(&http.Client{Transport: transport, Timeout: Timeout}),
		session.DisableControllerStatusCheckOnFailure(true))
	if err != nil {
		return nil, fmt.Errorf("log in to controller %s: %w", t.Address, err)
	}
	return s, nil
}

// Object is an object of the API as decoded JSON.
type Object = map[string]any

// List returns all objects of a collection. query is appended to its path, such as "is_federated=true"; empty for none.
// The pages are walked by number: following `next` is broken in the SDK.
func List(s *session.AviSession, kind, query string) ([]Object, error) {
	var all []Object
	for page := 1; ; page++ {
		path := fmt.Sprintf("api/%s?page_size=200&page=%d", kind, page)
		if query != "" {
			path += "&" + query
		}
		var reply struct {
			Results []Object `json:"results"`
			Next    string   `json:"next"`
		}
		if err := s.Get(path, &reply); err != nil {
			return nil, err
		}
		all = append(all, reply.Results...)
		if reply.Next == "" || len(reply.Results) == 0 {
			return all, nil
		}
	}
}

// Find returns the object of a kind with this name, or nil.
func Find(s *session.AviSession, kind, name string) (Object, error) {
	var reply struct {
		Results []Object `json:"results"`
	}
	if err := s.Get(fmt.Sprintf("api/%s?name=%s", kind, name), &reply); err != nil {
		return nil, err
	}
	if len(reply.Results) == 0 {
		return nil, nil
	}
	return reply.Results[0], nil
}

// Status returns the HTTP status of an error of the SDK; 0 if there was no reply.
func Status(err error) int {
	var e session.AviError
	if errors.As(err, &e) {
		return e.HttpStatusCode
	}
	return 0
}
