package health

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Kind is the type of a health monitor, in the API's words.
type Kind string

// The kinds whose answers are judged here. Any other kind counts as passed by whatever answers.
const (
	KindPing  Kind = "HEALTH_MONITOR_PING"
	KindTCP   Kind = "HEALTH_MONITOR_TCP"
	KindUDP   Kind = "HEALTH_MONITOR_UDP"
	KindHTTP  Kind = "HEALTH_MONITOR_HTTP"
	KindHTTPS Kind = "HEALTH_MONITOR_HTTPS"
	KindDNS   Kind = "HEALTH_MONITOR_DNS"
)

// Check is one question to one target. It is comparable: equal checks get equal answers.
type Check struct {
	Kind   Kind
	Target netip.Addr
	Port   uint16 // 0 for KindPing
	Host   string // Host header and TLS server name; empty: the target's address
	Method string // of an HTTP request, such as HEAD
	Path   string // of an HTTP request, or the name that a DNS check asks for
	Codes  Codes  // HTTP codes that pass; 0 means 2xx
	// Maintenance holds up to four HTTP codes by which a server asks to be left alone; 0 marks an unused place.
	Maintenance [4]uint16
	// Keyword must occur in the first KeywordWindow bytes of the answer; empty: anything passes.
	Keyword string
	// MaintenanceKeyword there means that the server asks to be left alone; empty: nothing does.
	MaintenanceKeyword string
	// Header holds further lines of an HTTP request, each ended by a line feed, without Host.
	Header string
	// Authorization is the value of the header of that name; empty: none is sent. It is a secret.
	Authorization string
	// Send is the body of an HTTP request, or what a TCP or UDP check sends; empty: what its kind sends by itself.
	Send string
	// DNS is what a DNS check asks for, and what the answer must hold.
	DNS DNSExpectation
	// Timeout is how long an answer may take, > 0.
	Timeout time.Duration
}

// DNSExpectation is what the answer to a DNS check must hold. The zero value asks for A and wants one, without an error.
type DNSExpectation struct {
	AAAA     bool // ask for AAAA, not for A
	Answers  DNSAnswers
	AnyRcode bool       // errors pass
	Addr     netip.Addr // must be among the addresses of the answer; not valid: any may be
}

// DNSAnswers says which answers to a DNS check count.
type DNSAnswers uint8

// The answers that count.
const (
	AnswersOfType DNSAnswers = iota // a record of the type that was asked for
	AnswersOfAnyType
	AnswersOrNone
)

// KeywordWindow is how much of an answer is searched for a keyword, in bytes.
const KeywordWindow = 2048

// Outcome is what one check found.
type Outcome struct {
	OK     bool
	Reason string // why it failed, empty if it did not
	// Took is how long the answer is on its way, counted from the call of Probe if done is called at once, else from the
	// call of done.
	Took time.Duration
	// Silent says that no answer will come: the check fails when its timeout has passed.
	Silent bool
	// Stable promises that this check has this outcome at any time until the prober reports its target as changed. A
	// prober of live targets leaves it false.
	Stable bool
}

// Prober makes checks on behalf of a service engine.
type Prober interface {
	// Probe makes one check from an engine's address and calls done once with the outcome, at once or later, on the
	// scheduler's goroutine. What comes after c.Timeout is ignored: the check has failed.
	Probe(from netip.Addr, c Check, done func(Outcome))
}

// ChangeNotifier is implemented by probers whose outcomes are Stable.
type ChangeNotifier interface {
	// Changed registers fn, to be called on the scheduler's goroutine with every target whose outcomes may differ from
	// their last; the zero Addr stands for all targets.
	Changed(fn func(target netip.Addr))
}

// Codes is a set of HTTP response classes: bit n stands for the codes nXX.
type Codes uint8

// The classes that a monitor can accept.
const (
	Code1XX Codes = 1 << (iota + 1)
	Code2XX
	Code3XX
	Code4XX
	Code5XX
	CodeAny = Code1XX | Code2XX | Code3XX | Code4XX | Code5XX
)

// ParseCodes reads http_response_code of a monitor, a list of HTTP_ANY and HTTP_1XX to HTTP_5XX. An empty list means
// 2xx. The error names the first word that is none of these.
func ParseCodes(words []string) (Codes, error) {
	var set Codes
	for _, w := range words {
		switch w {
		case "HTTP_ANY":
			set |= CodeAny
		case "HTTP_1XX", "HTTP_2XX", "HTTP_3XX", "HTTP_4XX", "HTTP_5XX":
			set |= 1 << (w[5] - '0')
		default:
			return 0, fmt.Errorf("health monitor: http_response_code %q: want HTTP_ANY or HTTP_1XX to HTTP_5XX", w)
		}
	}
	if set == 0 {
		set = Code2XX
	}
	return set, nil
}

// Has reports whether an HTTP response code belongs to the set.
func (s Codes) Has(code int) bool {
	return code >= 100 && code < 600 && s&(1<<(code/100)) != 0
}

// Describe names a check in a line, for reports.
func (c Check) Describe() string {
	kind := strings.TrimPrefix(string(c.Kind), "HEALTH_MONITOR_")
	at := netip.AddrPortFrom(c.Target, c.Port).String()
	switch c.Kind {
	case KindPing:
		return kind + " " + c.Target.String()
	case KindHTTP, KindHTTPS:
		return fmt.Sprintf("%s %s %s %s host %s", kind, at, c.Method, c.Path, c.Host)
	default:
		return kind + " " + at
	}
}
