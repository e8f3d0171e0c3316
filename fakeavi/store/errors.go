package store

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Error is a refusal as clients see it: an HTTP status and the text of the reply's "error" field. Clients decide by substrings of
// the text, so the constructors below keep those substrings exactly.
type Error struct {
	// Status is the HTTP status, 400 or above.
	Status int
	// Message is the text of the reply's "error" field.
	Message string
	// Object is the name of the object that the error is about, shown as "obj_name"; may be empty.
	Object string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Refuse makes an Error from a format.
func Refuse(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// StatusOf returns the HTTP status for an error of this package: its own for an *Error, 500 for any other.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return http.StatusInternalServerError
}

// UnknownType refuses a type that the schema does not have: 404.
func UnknownType(typ string) *Error {
	return Refuse(http.StatusNotFound, "resource not found: there is no object type %q", typ)
}

// NotFound refuses an operation on an object that does not exist: 404. UNCONFIRMED: the whole text; AKO looks for
// "VsVip object not found" and "Pool object not found!".
func NotFound(model string) *Error {
	return Refuse(http.StatusNotFound, "%s object not found!", model)
}

// MissingTarget refuses a reference to an object that does not exist: 400. UNCONFIRMED: the texts beyond what AKO looks for, which
// are "VrfContext not found", "Network object not found", "VsVip object not found" and "Pool object not found!".
func MissingTarget(model, path, ref string) *Error {
	what := model + " object not found!"
	if model == "VrfContext" {
		what = "VrfContext not found!"
	}
	return Refuse(http.StatusBadRequest, "%s (%s: %s)", what, path, ref)
}

// Duplicate refuses a name that is taken: 409. UNCONFIRMED: the status, 400 or 409. The text is what AMKO's take-over of foreign
// monitors depends on ("Health monitor with this Name and Tenant ref already exists").
func Duplicate(model, name string) *Error {
	e := Refuse(http.StatusConflict, "%s with this Name and Tenant ref already exists.", words(model))
	e.Object = name
	return e
}

// Referred refuses the deletion of an object that others refer to: 403. UNCONFIRMED: the status; public logs show 403 and 400.
func Referred(by []string) *Error {
	for i := range by {
		by[i] = "'" + by[i] + "'"
	}
	return Refuse(http.StatusForbidden, "Cannot delete, object is referred by: [%s]", strings.Join(by, ", "))
}

// Stale refuses a write which is based on an older state of the object: 412. UNCONFIRMED: the text beyond the two substrings that
// AKO looks for, and that the product compares _last_modified at all.
func Stale(model, name string) *Error {
	e := Refuse(http.StatusPreconditionFailed, "concurrent update: Need to reload object data %s", model)
	e.Object = name
	return e
}

// Invalid refuses a body that does not fit its type: 400.
func Invalid(err *schema.Error) *Error {
	return Refuse(http.StatusBadRequest, "%s", err.Error())
}

// UnknownTenant refuses a tenant that does not exist: 403, with the text that AKO looks for.
func UnknownTenant(name string) *Error {
	return Refuse(http.StatusForbidden, "Tenant '%s' does not exist!", name)
}

// NotLeader refuses a change of a federated object on a follower: 400. UNCONFIRMED: the text around the known substring.
func NotLeader() *Error {
	return Refuse(http.StatusBadRequest, "Config Operations can be done ONLY on leader")
}

// Maintenance refuses a change of a federated object during maintenance mode: 400.
func Maintenance() *Error {
	return Refuse(http.StatusBadRequest, "GSLB system is in maintenance mode.")
}

// DomainConflict refuses a domain name that another GSLB service has: 400. UNCONFIRMED: the text around the known substring.
func DomainConflict(domain, service string) *Error {
	return Refuse(http.StatusBadRequest,
		"GslbService %s: domain name conflicting with existing domain name %s", service, domain)
}

// NoFreeIPs refuses an address allocation: 400.
func NoFreeIPs() *Error { return Refuse(http.StatusBadRequest, "No available free IPs") }

// VipIDChanged refuses another vip_id for an existing VIP: 400.
func VipIDChanged() *Error {
	return Refuse(http.StatusBadRequest, "Changing an existing VIP's vip_id is not supported")
}

// Upgrading refuses a change during an upgrade: 403.
func Upgrading() *Error {
	return Refuse(http.StatusForbidden, "Configuration is disallowed during upgrade")
}

var wordBoundary = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// words turns a model name into the words that the product's messages use: "HealthMonitor" is "Health monitor", "PKIProfile" is
// "Pki profile".
func words(model string) string {
	text := strings.ToLower(wordBoundary.ReplaceAllString(model, "$1$3 $2$4"))
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
