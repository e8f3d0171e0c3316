package health

import (
	"fmt"
	"net/netip"
	"strings"

	mdns "github.com/miekg/dns"
)

// JudgeHTTP returns the outcome of an HTTP or HTTPS check that was answered with this code and body.
func (c Check) JudgeHTTP(code int, body string) Outcome {
	for _, m := range c.Maintenance {
		if m != 0 && int(m) == code {
			return Outcome{Reason: fmt.Sprintf("server is in maintenance: response code %d", code)}
		}
	}
	accepted := c.Codes
	if accepted == 0 {
		accepted = Code2XX
	}
	if !accepted.Has(code) {
		return Outcome{Reason: fmt.Sprintf("response code %d is not expected", code)}
	}
	return c.JudgeText(body)
}

// JudgeText returns the outcome of a check for whose answer only the keyword matters.
func (c Check) JudgeText(body string) Outcome {
	if len(body) > KeywordWindow {
		body = body[:KeywordWindow]
	}
	if c.MaintenanceKeyword != "" && strings.Contains(body, c.MaintenanceKeyword) {
		return Outcome{Reason: "server is in maintenance: the response says so"}
	}
	if !strings.Contains(body, c.Keyword) {
		return Outcome{Reason: "expected text is not in the response"}
	}
	return Outcome{OK: true}
}

// JudgeDNS returns the outcome of a DNS check that was answered with this message.
func (c Check) JudgeDNS(reply *mdns.Msg) Outcome {
	if reply.Rcode != mdns.RcodeSuccess && !c.DNS.AnyRcode {
		return Outcome{Reason: "the response is " + mdns.RcodeToString[reply.Rcode]}
	}
	counted, found := 0, !c.DNS.Addr.IsValid()
	for _, rr := range reply.Answer {
		if rr.Header().Rrtype == c.QueryType() || c.DNS.Answers == AnswersOfAnyType {
			counted++
		}
		if addr := addrOf(rr); addr == c.DNS.Addr {
			found = true
		}
	}
	switch {
	case counted == 0 && c.DNS.Answers != AnswersOrNone:
		return Outcome{Reason: "the response has no answer"}
	case !found:
		return Outcome{Reason: fmt.Sprintf("%s is not in the response", c.DNS.Addr)}
	}
	return Outcome{OK: true}
}

func addrOf(rr mdns.RR) netip.Addr {
	var addr netip.Addr
	switch r := rr.(type) {
	case *mdns.A:
		addr, _ = netip.AddrFromSlice(r.A)
	case *mdns.AAAA:
		addr, _ = netip.AddrFromSlice(r.AAAA)
	}
	return addr.Unmap()
}

// QueryType is the record type that a DNS check asks for.
func (c Check) QueryType() uint16 {
	if c.DNS.AAAA {
		return mdns.TypeAAAA
	}
	return mdns.TypeA
}

// Query is the message that a DNS check sends.
func (c Check) Query() *mdns.Msg { return new(mdns.Msg).SetQuestion(mdns.Fqdn(c.Path), c.QueryType()) }
