package api

import (
	"net"
	"net/http"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Action is what a request that is audited does.
type Action int

// The actions that are audited.
const (
	Created Action = iota
	Updated
	Deleted
	LoggedIn
	LoggedOut
)

// Audit describes a request that changes something, after the fact.
type Audit struct {
	Action              Action
	User                string // login name; of a refused login, what was stated
	Tenant              string // of the object, or of the request if it was refused
	ClientIP, UserAgent string
	Path                string
	Type, UUID, Name    string // of the object; empty for logins
	Err                 error  // why the request was refused; nil if it was not
}

// EventType is the type of the object as events name it, such as HEALTHMONITOR; USER for logins.
func (a Audit) EventType() string {
	if a.Type == "" {
		return "USER"
	}
	return strings.ToUpper(a.Type)
}

// nameMax bounds how much of what a client sends goes into an Audit.
const nameMax = 256

func clip(text string) string { return text[:min(len(text), nameMax)] }

// audit tells of a request, if somebody wants to know.
func (a *API) audit(r *http.Request, action Action, user string, typ string, o *store.Object, err error) {
	if a.cfg.Audit == nil {
		return
	}
	host, _, splitErr := net.SplitHostPort(r.RemoteAddr)
	if splitErr != nil {
		host = r.RemoteAddr
	}
	out := Audit{
		Action: action, User: clip(user), ClientIP: host, UserAgent: clip(r.UserAgent()), Path: clip(r.URL.Path), Type: typ, Err: err,
	}
	if c := CallerOf(r.Context()); c != nil {
		out.User, out.Tenant = c.User, c.Tenant
	}
	if o != nil {
		out.UUID, out.Name, out.Tenant = o.UUID, o.Name, o.Tenant
	}
	a.cfg.Audit(out)
}
