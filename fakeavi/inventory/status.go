package inventory

import (
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Body is a message in canonical form.
type Body = map[string]any

// OperationalStatus builds an OperationalStatus. A status without a state is shown as OPER_UNAVAIL; a zero time is left out.
func OperationalStatus(s health.Status, since time.Time) Body {
	if s.State == "" {
		s.State = health.StateUnavailable
	}
	out := Body{"state": string(s.State)}
	if s.Reason != "" {
		out["reason"] = []any{s.Reason}
	}
	if !since.IsZero() {
		out["last_changed_time"] = timeStamp(since)
	}
	return out
}

// timeStamp builds a TimeStamp.
func timeStamp(t time.Time) Body {
	return Body{"secs": t.Unix(), "usecs": int64(t.Nanosecond() / 1000)}
}

// ipAddr builds an IpAddr.
func ipAddr(a netip.Addr) Body {
	typ := "V6"
	if a.Is4() {
		typ = "V4"
	}
	return Body{"addr": a.String(), "type": typ}
}

// IPAddrs builds a list of IpAddr.
func IPAddrs(addrs []netip.Addr) []any {
	out := []any{}
	for _, a := range addrs {
		out = append(out, ipAddr(a))
	}
	return out
}

func text(body Body, key string) string { s, _ := body[key].(string); return s }

func items(body Body, key string) []Body {
	list, _ := body[key].([]any)
	var out []Body
	for _, e := range list {
		if m, ok := e.(Body); ok {
			out = append(out, m)
		}
	}
	return out
}
