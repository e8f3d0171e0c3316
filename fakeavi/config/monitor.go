package config

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Monitor is a healthmonitor object: a health.Monitor whose target is yet to be filled in.
type Monitor struct {
	template health.Monitor
	exact    bool // the request is sent as it is: no Host header is made
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
		c.Keyword = f.message("tcp_monitor").text("tcp_response")
	case health.KindUDP:
		c.Keyword = f.message("udp_monitor").text("udp_response")
	case health.KindDNS:
		c.Path = f.message("dns_monitor").text("query_name")
	}
	if err != nil {
		return Monitor{}, fmt.Errorf("health monitor %s: %w", f.text("name"), err)
	}
	return m, nil
}

// readHTTP reads the HTTP part of a monitor. A request without a method or a path gets GET and /.
func (m *Monitor) readHTTP(f fields) error {
	c := &m.template.Check
	request := f.text("http_request")
	c.Method, c.Path = "GET", "/"
	line, _, _ := strings.Cut(request, "\n")
	if parts := strings.Fields(line); len(parts) >= 2 {
		c.Method, c.Path = parts[0], parts[1]
	}
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

// For returns the monitor of one target. host is the Host header and TLS server name, unless the monitor's request is
// sent exactly as it is.
func (m Monitor) For(target netip.Addr, host string) health.Monitor {
	out := m.template
	out.Check.Target = target
	http := out.Check.Kind == health.KindHTTP || out.Check.Kind == health.KindHTTPS
	if http && !m.exact {
		out.Check.Host = host
	}
	return out
}
