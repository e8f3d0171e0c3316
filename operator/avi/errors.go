package avi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind says what an error means to a caller.
type Kind int

// The kinds.
const (
	// Unreachable: no answer. Whether a write took effect is not known.
	Unreachable Kind = iota + 1
	// Unavailable: the controller or something before it is not ready (502, 503, 504, 408).
	Unavailable
	// ServerError: the controller failed at this request (500).
	ServerError
	// Throttled: too many requests (429); see Error.RetryAfter.
	Throttled
	// NotLeader: federated objects are written on the leader only.
	NotLeader
	// Maintenance: the GSLB system takes no changes now.
	Maintenance
	// Upgrading: the controller takes no changes during its upgrade.
	Upgrading
	// Credentials: user name or password are refused.
	Credentials
	// Session: the session was refused also after a new login.
	Session
	// NameTaken: a domain name belongs to another GSLB service.
	NameTaken
	// Duplicate: an object of that name exists.
	Duplicate
	// Stale: the object has changed since it was read, or is being changed (412, 409 on an update).
	Stale
	// Referenced: the object cannot be deleted because others refer to it.
	Referenced
	// NotFound: the object, or one that the request refers to, does not exist.
	NotFound
	// Refused: the request is not acceptable as it is (other 4xx, 501). The same request will be refused again.
	Refused
	// Garbled: the answer is not what was asked for.
	Garbled
)

var kindNames = map[Kind]string{
	Unreachable: "Unreachable", Unavailable: "Unavailable", ServerError: "ServerError", Throttled: "Throttled",
	NotLeader: "NotLeader", Maintenance: "Maintenance", Upgrading: "Upgrading", Credentials: "InvalidCredentials",
	Session: "SessionRefused", NameTaken: "DomainNameTaken", Duplicate: "DuplicateName", Stale: "Stale",
	Referenced: "Referenced", NotFound: "NotFound", Refused: "Refused", Garbled: "Garbled",
}

// String is the kind in one word, fit for the reason of a Kubernetes condition.
func (k Kind) String() string { return kindNames[k] }

// Error is why a call failed.
type Error struct {
	Kind Kind
	// Verb and URI are the call's.
	Verb string
	URI  string
	// Status is the HTTP status; 0: there was no answer.
	Status int
	// Message is the controller's own words, or the cause if there was no answer.
	Message string
	// RetryAfter is how long the controller asked to wait; 0: it did not.
	RetryAfter time.Duration
	cause      error
}

func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s %s: %s", e.Verb, e.URI, e.Message)
	}
	return fmt.Sprintf("%s %s: %d %s", e.Verb, e.URI, e.Status, e.Message)
}

func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of an error of this package, 0 for any other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// Phrases by which controllers tell apart what has one status code; the status of some of them is UNCONFIRMED, so these are
// looked for whatever the status.
var phrases = []struct {
	text string
	kind Kind
}{
	{"can be done ONLY on leader", NotLeader},
	{"GSLB system is in maintenance mode", Maintenance},
	{"Configuration is disallowed during upgrade", Upgrading},
	{"domain name conflicting with existing domain name", NameTaken},
	{"already exists", Duplicate},
	{"object is referred by", Referenced},
	{"CSRF", Session},
}

// classify gives a reply its kind.
func classify(verb string, status int, message string) Kind {
	if status != http.StatusUnauthorized {
		for _, p := range phrases {
			if strings.Contains(message, p.text) {
				return p.kind
			}
		}
	}
	switch status {
	case http.StatusUnauthorized, statusSessionGone:
		return Session
	case http.StatusNotFound:
		return NotFound
	case http.StatusConflict:
		if verb == http.MethodPost {
			return Duplicate
		}
		return Stale
	case http.StatusPreconditionFailed:
		if verb == http.MethodDelete {
			return Referenced
		}
		return Stale
	case http.StatusTooManyRequests:
		return Throttled
	case http.StatusInternalServerError:
		return ServerError
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return Unavailable
	}
	return Refused
}

// statusSessionGone is the controller's code for a session that is gone but may be taken up again with new cookies.
const statusSessionGone = 419

// retryAfter reads a Retry-After header given in seconds; dates are not used by controllers.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}

// maxRetryAfter bounds what a controller can ask for.
const maxRetryAfter = 10 * time.Minute
