package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Rule is a fault: which requests it is for, how often it strikes, and what it does to them.
type Rule struct {
	// ID is given by Add.
	ID string `json:"id,omitempty"`

	// Controller is the name of one controller; empty: all.
	Controller string `json:"controller,omitempty"`
	// Method is an HTTP method; empty: all.
	Method string `json:"method,omitempty"`
	// Path is a pattern for the path without doubled slashes, in the form of path.Match with one addition: a last element
	// "**" stands for any rest, also none. Empty: all paths. "/api/gslbservice/**" means the collection and its objects.
	Path string `json:"path,omitempty"`

	// Skip is how many matching requests pass before the rule strikes.
	Skip int `json:"skip,omitempty"`
	// Count is how often the rule strikes; 0: without end.
	Count int `json:"count,omitempty"`
	// Probability of striking a matching request, above 0 and up to 1; 0 stands for 1.
	Probability float64 `json:"probability,omitempty"`

	// Delay comes first, and is all if no other effect is given.
	Delay Duration `json:"delay,omitempty"`
	// Status answers with this code, 400 to 599, without the handler; Body is the reply's, {"error": "injected fault"} if nil.
	Status int             `json:"status,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
	// Drop closes the connection without an answer: "before" the request is handled, or "after".
	Drop string `json:"drop,omitempty"`
	// Expire ends sessions before the request is handled: that of the request ("session") or "all".
	Expire string `json:"expire,omitempty"`

	// Struck counts how often the rule has struck, Matched how many requests it was for.
	Struck  int `json:"struck"`
	Matched int `json:"matched"`
}

// Duration is a time.Duration that JSON shows as "1.5s".
type Duration time.Duration

// MarshalJSON implements json.Marshaler.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON implements json.Unmarshaler.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("delay: want a text such as \"1.5s\", not %s", text)
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("delay: %q is not a duration such as \"1.5s\"", s)
	}
	*d = Duration(v)
	return nil
}

// The moments of Drop and the reach of Expire.
const (
	Before  = "before"
	After   = "after"
	Session = "session"
	All     = "all"
)

// delayMax bounds delays: longer than any client waits.
const delayMax = 10 * time.Minute

// Check says what is wrong with a rule, naming its field.
func (r Rule) Check() error {
	switch {
	case r.Probability < 0 || r.Probability > 1:
		return fmt.Errorf("probability: %v is not between 0 and 1", r.Probability)
	case r.Count < 0 || r.Skip < 0:
		return fmt.Errorf("count and skip: must not be negative")
	case r.Delay < 0 || time.Duration(r.Delay) > delayMax:
		return fmt.Errorf("delay: %v is not between 0 and %v", time.Duration(r.Delay), delayMax)
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return fmt.Errorf("status: %d is not between 400 and 599", r.Status)
	case r.Body != nil && r.Status == 0:
		return fmt.Errorf("body: goes with status")
	case r.Drop != "" && r.Drop != Before && r.Drop != After:
		return fmt.Errorf("drop: %q is neither %q nor %q", r.Drop, Before, After)
	case r.Expire != "" && r.Expire != Session && r.Expire != All:
		return fmt.Errorf("expire: %q is neither %q nor %q", r.Expire, Session, All)
	case r.Drop != "" && r.Status != 0:
		return fmt.Errorf("drop and status: a request that is dropped has no status")
	case r.Delay == 0 && r.Status == 0 && r.Drop == "" && r.Expire == "":
		return fmt.Errorf("the rule does nothing: give delay, status, drop or expire")
	}
	if _, err := path.Match(r.pattern(), ""); err != nil {
		return fmt.Errorf("path: %q is not a pattern", r.Path)
	}
	return nil
}

// rest is the last element of a pattern that stands for any rest.
const rest = "/**"

func (r Rule) pattern() string { return strings.TrimSuffix(r.Path, rest) }

// matches reports whether a rule is for a request to a controller.
func (r Rule) matches(controller, method, at string) bool {
	if r.Controller != "" && r.Controller != controller || r.Method != "" && !strings.EqualFold(r.Method, method) {
		return false
	}
	if r.Path == "" {
		return true
	}
	pattern := r.pattern()
	if pattern != r.Path {
		parts := strings.Split(at, "/")
		n := strings.Count(pattern, "/") + 1
		if len(parts) < n {
			return false
		}
		at = strings.Join(parts[:n], "/")
	}
	ok, _ := path.Match(pattern, at)
	return ok
}

// clean is the path of a request as rules see it.
func clean(r *http.Request) string { return path.Clean("/" + r.URL.Path) }
