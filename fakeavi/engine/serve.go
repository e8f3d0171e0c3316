package engine

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Request is what a client asks at a VIP.
type Request struct {
	Method string // empty: GET
	Host   string // Host header, and server name if TLS
	Path   string // empty: /
	TLS    bool
	// Query is what a DNS virtual service is asked; nil: whether it answers at all.
	Query *mdns.Msg
}

// ReplyKind says what became of a request.
type ReplyKind uint8

// What can become of a request.
const (
	Silent   ReplyKind = iota // nothing comes back
	Refused                   // the connection was reset
	Answered                  // an answer came back
)

// Reply is what a client gets.
type Reply struct {
	Kind  ReplyKind
	Code  int    // HTTP response code; 0: whoever answered does not speak HTTP
	Body  string // empty for HEAD
	Delay time.Duration
	// Message is the answer to a Query.
	Message *mdns.Msg
	// VirtualService and Pool are the uuids of who answered; empty where nobody did.
	VirtualService, Pool string
}

// Serve answers a request to an address. It is silent for addresses that the engine does not answer for.
func (e *Engine) Serve(dst netip.Addr, port uint16, p Protocol, req Request) Reply {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.on {
		return Reply{}
	}
	here := e.listeners(dst)
	if len(here) == 0 {
		return Reply{}
	}
	if p == ICMP {
		return Reply{Kind: Answered}
	}
	for _, vs := range here {
		for _, l := range vs.spec.Listeners {
			if l.Protocol == p && l.First <= port && port <= l.Last {
				return e.answer(vs, l, req)
			}
		}
	}
	return Reply{Kind: Refused}
}

// answer answers a request that reached a listener. An L4 virtual service passes on what it gets, TLS included. At an HTTP
// one, a client that speaks TLS to a plain port fails to shake hands, and one that speaks plain HTTP to a TLS port is told
// so.
func (e *Engine) answer(vs *virtualService, l Listener, req Request) Reply {
	switch {
	case vs.spec.Kind == KindDNS:
		return e.answerDNS(vs, req)
	case vs.spec.Kind == KindL4:
		return e.answerL4(vs, req)
	case req.TLS && !l.TLS:
		return Reply{Kind: Refused, VirtualService: vs.spec.UUID}
	case l.TLS && !req.TLS:
		return Reply{Kind: Answered, Code: http.StatusBadRequest, VirtualService: vs.spec.UUID}
	}
	if child := childFor(vs, req); child != nil {
		vs = child
	}
	return e.answerHTTP(vs, req)
}

// answerDNS answers a query without a trace: it takes no turn of any member, and is neither logged nor counted.
func (e *Engine) answerDNS(vs *virtualService, req Request) Reply {
	r := Reply{Kind: Answered, VirtualService: vs.spec.UUID}
	d := e.loaded.dns[vs.spec.UUID]
	if req.Query == nil || d == nil {
		return r
	}
	if r.Message, _ = d.responder.Preview(req.Query, dns.Client{Addr: e.cfg.Addr}); r.Message == nil {
		r.Kind = Silent
	}
	return r
}

func (e *Engine) answerL4(vs *virtualService, req Request) Reply {
	pool, app, ok := e.pick(vs, vs.spec.Pools)
	if !ok {
		return Reply{Kind: Refused, VirtualService: vs.spec.UUID}
	}
	return vs.reply(pool, app, req)
}

// reply is what the servers of a pool answer.
func (vs *virtualService) reply(pool string, app App, req Request) Reply {
	r := Reply{Kind: Answered, Code: app.Code, Body: app.Body, Delay: app.Delay, VirtualService: vs.spec.UUID, Pool: pool}
	if r.Code == 0 {
		r.Code = http.StatusOK
	}
	if req.Method == http.MethodHead {
		r.Body = ""
	}
	return r
}

// answerHTTP answers from a pool. Without any pool configured the product has nothing to send a request to; that it says
// 404 then is unconfirmed. With pools of which none is up it says 503.
func (e *Engine) answerHTTP(vs *virtualService, req Request) Reply {
	pools := route(vs, req.Path)
	if len(pools) == 0 && len(vs.children) > 0 {
		return Reply{Kind: Answered, Code: http.StatusNotFound, VirtualService: vs.spec.UUID}
	}
	pool, app, ok := e.pick(vs, pools)
	if !ok {
		return Reply{Kind: Answered, Code: http.StatusServiceUnavailable, VirtualService: vs.spec.UUID}
	}
	return vs.reply(pool, app, req)
}

// childFor returns the child that answers for a request's host and path: the first by uuid with an exact name, else with
// a wildcard. A disabled child answers for nothing.
func childFor(vs *virtualService, req Request) *virtualService {
	var wild *virtualService
	for _, child := range vs.children {
		if !child.spec.Enabled || !child.spec.TrafficEnabled {
			continue
		}
		for _, h := range child.spec.Hosts {
			if !matchesName(h.Name, req.Host) || !matchesPath(h.Paths, req.Path) {
				continue
			}
			if !strings.HasPrefix(h.Name, "*.") {
				return child
			}
			if wild == nil {
				wild = child
			}
		}
	}
	return wild
}

func matchesPath(prefixes []string, path string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(orSlash(path), p) {
			return true
		}
	}
	return len(prefixes) == 0
}

// route returns the pools for a path.
func route(vs *virtualService, path string) []Pool {
	path = orSlash(path)
	for _, r := range vs.spec.Routes {
		for _, p := range r.Paths {
			if r.Match.holds(path, p) {
				return r.Pools
			}
		}
	}
	return vs.spec.Pools
}

func (m PathMatch) holds(path, pattern string) bool {
	switch m {
	case PathEquals:
		return path == pattern
	case PathContains:
		return strings.Contains(path, pattern)
	case PathEndsWith:
		return strings.HasSuffix(path, pattern)
	default:
		return strings.HasPrefix(path, pattern)
	}
}

func orSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// pick returns the pool that gets a request: of those that are up, the highest priority, in turn by ratio. A virtual
// service without pools answers by itself.
func (e *Engine) pick(vs *virtualService, pools []Pool) (uuid string, app App, ok bool) {
	if len(pools) == 0 {
		app = e.app(vs, "")
		return "", app, !app.Dead
	}
	best, total := 0, 0
	for _, p := range pools {
		if !p.Enabled || p.Ratio <= 0 || e.app(vs, p.UUID).Dead {
			continue
		}
		if total == 0 || p.Priority > best {
			best, total = p.Priority, 0
		}
		if p.Priority == best {
			total += p.Ratio
		}
	}
	if total == 0 {
		return "", App{}, false
	}
	turn := vs.turn % total
	vs.turn++
	for _, p := range pools {
		if !p.Enabled || p.Ratio <= 0 || p.Priority != best || e.app(vs, p.UUID).Dead {
			continue
		}
		if turn < p.Ratio {
			return p.UUID, e.app(vs, p.UUID), true
		}
		turn -= p.Ratio
	}
	return "", App{}, false
}

// Answer makes a health check by asking serve, the Serve of the engine that has the target's address or of anything like
// it. The outcome is not marked as stable: that is for who knows the way to the target.
func Answer(c health.Check, serve func(netip.Addr, uint16, Protocol, Request) Reply) health.Outcome {
	var r Reply
	switch c.Kind {
	case health.KindPing:
		r = serve(c.Target, 0, ICMP, Request{})
	case health.KindUDP:
		r = serve(c.Target, c.Port, UDP, Request{})
	case health.KindDNS:
		r = serve(c.Target, c.Port, UDP, Request{Query: c.Query()})
	case health.KindHTTP, health.KindHTTPS:
		r = serve(c.Target, c.Port, TCP, Request{
			Method: c.Method, Host: c.Host, Path: c.Path, TLS: c.Kind == health.KindHTTPS,
		})
	default:
		r = serve(c.Target, c.Port, TCP, Request{})
	}
	o := judge(c, r)
	o.Took = r.Delay
	return o
}

func judge(c health.Check, r Reply) health.Outcome {
	switch {
	case r.Kind == Silent:
		return health.Outcome{Silent: true}
	case r.Kind == Refused:
		return health.Outcome{Reason: "connection refused"}
	case c.Kind == health.KindHTTP || c.Kind == health.KindHTTPS:
		if r.Code == 0 {
			return health.Outcome{Reason: "the response is not HTTP"}
		}
		return c.JudgeHTTP(r.Code, r.Body)
	case r.Message != nil:
		return c.JudgeDNS(r.Message)
	default:
		return c.JudgeText(r.Body)
	}
}
