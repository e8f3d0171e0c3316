package config

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Monitor is a healthmonitor object: a health.Monitor whose target is yet to be filled in.
type Monitor struct {
	template health.Monitor
	exact    bool // the request is sent as it is: no Host header is made
	basic    bool // the request has credentials
	// instead is the address to check in place of the member's; not valid: there is none.
	instead netip.Addr
}

// defaultPorts are used for a monitor without monitor_port. The product asks for a port where a monitor is used for GSLB
// with HTTP, HTTPS, TCP, UDP or EXTERNAL; what it does without is unconfirmed.
var defaultPorts = map[health.Kind]uint16{
	health.KindHTTP: 80, health.KindHTTPS: 443, health.KindTCP: 80, health.KindUDP: 53, health.KindDNS: 53,
}

// ReadMonitor reads the body of a healthmonitor object. The error names the field that cannot be understood.
func ReadMonitor(body map[string]any) (Monitor, error) {
	f := fields(body)
	kind := health.Kind(f.text("type"))
	m := Monitor{template: health.Monitor{
		Check: health.Check{
			Kind: kind, Port: uint16(f.number("monitor_port", 0)), Timeout: seconds(f.number("receive_timeout", 4)),
		},
		Thresholds:   health.Thresholds{Successes: f.number("successful_checks", 2), Failures: f.number("failed_checks", 2)},
		Interval:     seconds(max(1, f.number("send_interval", 10))),
		NoQuickstart: f.flag("disable_quickstart", false),
	}}
	m.instead = f.addr("monitor_ip")
	c := &m.template.Check
	if c.Port == 0 {
		c.Port = defaultPorts[kind]
	}
	var err error
	switch kind {
	case health.KindPing:
		c.Port = 0
	case health.KindHTTP:
		err = m.readHTTP(f.message("http_monitor"))
	case health.KindHTTPS:
		err = m.readHTTP(f.message("https_monitor"))
	case health.KindTCP:
		m.readText(f.message("tcp_monitor"), "tcp_request", "tcp_response")
	case health.KindUDP:
		m.readText(f.message("udp_monitor"), "udp_request", "udp_response")
	case health.KindDNS:
		m.readDNS(f.message("dns_monitor"))
	}
	m.authorize(f.message("authentication"))
	if err != nil {
		return Monitor{}, fmt.Errorf("health monitor %s: %w", f.text("name"), err)
	}
	return m, nil
}

func (m *Monitor) readText(f fields, request, response string) {
	c := &m.template.Check
	c.Send, c.Keyword, c.MaintenanceKeyword = f.text(request), f.text(response), f.text("maintenance_response")
}

func (m *Monitor) readDNS(f fields) {
	c := &m.template.Check
	c.Path = f.text("query_name")
	c.DNS = health.DNSExpectation{
		AAAA: f.text("record_type") == "DNS_RECORD_AAAA", AnyRcode: f.text("rcode") == "RCODE_ANYTHING",
		Answers: map[string]health.DNSAnswers{
			"DNS_ANY_TYPE": health.AnswersOfAnyType, "DNS_ANY_THING": health.AnswersOrNone,
		}[f.text("qtype")],
	}
	c.DNS.Addr, _ = netip.ParseAddr(f.text("response_string"))
}

// readHTTP reads the HTTP part of a monitor. A request without a method or a path gets GET and /. A Host line of the request's own comes
// before the name of the member; that it does where the request is not sent exactly as it is, is unconfirmed.
func (m *Monitor) readHTTP(f fields) error {
	c := &m.template.Check
	c.Method, c.Path = "GET", "/"
	first, rest, _ := strings.Cut(f.text("http_request"), "\n")
	if parts := strings.Fields(first); len(parts) >= 2 {
		c.Method, c.Path = parts[0], parts[1]
	}
	for line := range strings.Lines(rest) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case !ok:
		case strings.EqualFold(name, "Host"):
			c.Host = strings.TrimSpace(value)
		default:
			c.Header += name + ": " + strings.TrimSpace(value) + "\n"
		}
	}
	c.Send, c.MaintenanceKeyword = f.text("http_request_body"), f.text("maintenance_response")
	m.basic = f.text("auth_type") == "AUTH_BASIC"
	c.Keyword = f.text("http_response")
	for i, code := range f.numbers("maintenance_code") {
		if i < len(c.Maintenance) {
			c.Maintenance[i] = uint16(code)
		}
	}
	m.exact = f.flag("exact_http_request", false)
	codes, err := health.ParseCodes(f.texts("http_response_code"))
	c.Codes = codes
	return err
}

// authorize adds credentials to a request that is to have some.
func (m *Monitor) authorize(f fields) {
	if m.basic && f.text("username") != "" {
		pair := f.text("username") + ":" + f.text("password")
		m.template.Check.Authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
	}
}

// For returns the monitor of one target. host is the Host header and TLS server name, unless the monitor's request is
// sent exactly as it is.
func (m Monitor) For(target netip.Addr, host string) health.Monitor {
	out := m.template
	out.Check.Target = target
	if m.instead.IsValid() {
		out.Check.Target = m.instead
	}
	http := out.Check.Kind == health.KindHTTP || out.Check.Kind == health.KindHTTPS
	if http && !m.exact && out.Check.Host == "" {
		out.Check.Host = host
	}
	return out
}
