package fakeavi_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// monitored makes a GSLB service at one address with one monitor of its own, and returns what the first region holds of it.
func (w *world) monitored(name string, monitor map[string]any, member string) func() (state, reason string) {
	body := map[string]any{
		"name": name, "is_federated": true, "send_interval": 10, "receive_timeout": 4, "successful_checks": 1, "failed_checks": 1,
	}
	for k, v := range monitor {
		body[k] = v
	}
	r := w.regions[0]
	r.create(w, "healthmonitor", body)
	service := r.create(w, "gslbservice", map[string]any{
		"name": name, "domain_names": []any{name + ".gslb.example"}, "health_monitor_refs": []any{"/api/healthmonitor?name=" + name},
		"groups": []any{map[string]any{"name": "pool", "members": []any{map[string]any{"ip": map[string]any{"addr": member, "type": "V4"}}}}},
	})
	w.Pass(time.Second)
	return func() (string, string) {
		s, _ := r.Engine("dns-group").Service(service)
		m := s.Pools[0].Members[0].Status
		return string(m.State), m.Reason
	}
}

// A DNS monitor goes by what the DNS virtual service really answers, and takes no turn of its round robin.
func TestDNSMonitorOfADNSVirtualService(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		dns := func(more map[string]any) map[string]any {
			part := map[string]any{"query_name": "app.gslb.example"}
			for k, v := range more {
				part[k] = v
			}
			return map[string]any{"type": "HEALTH_MONITOR_DNS", "monitor_port": 53, "dns_monitor": part}
		}
		vip := w.regions[1].dnsVIP.String()
		for name, c := range map[string]struct {
			more          map[string]any
			state, reason string
		}{
			"answers":       {nil, "OPER_UP", ""},
			"unknown":       {map[string]any{"query_name": "no.gslb.example"}, "OPER_DOWN", "the response is NXDOMAIN"},
			"unknown-is-ok": {map[string]any{"query_name": "no.gslb.example", "rcode": "RCODE_ANYTHING", "qtype": "DNS_ANY_THING"}, "OPER_UP", ""},
			"no-aaaa":       {map[string]any{"record_type": "DNS_RECORD_AAAA"}, "OPER_DOWN", "the response has no answer"},
			"empty-is-ok":   {map[string]any{"record_type": "DNS_RECORD_AAAA", "qtype": "DNS_ANY_THING"}, "OPER_UP", ""},
			"other-address": {map[string]any{"response_string": "198.51.100.1"}, "OPER_DOWN", "198.51.100.1 is not in the response"},
		} {
			state, reason := w.monitored(name, dns(c.more), vip)()
			g.Expect([]string{state, reason}).To(Equal([]string{c.state, c.reason}), name)
		}
		c := w.login(w.regions[1])
		for _, stat := range at(g, c.get(dnsOf(g, c)+"/gslbservicealgostat/"), "results").([]any) {
			g.Expect(stat).To(HaveKeyWithValue("queries", 0.0), "checks are not counted")
		}
	})
}

// A server that says it is in maintenance is down, whatever else it says.
func TestMaintenanceResponse(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.running(nil)
		r := w.regions[0]
		state := w.monitored("picky", map[string]any{
			"type": "HEALTH_MONITOR_HTTP", "monitor_port": 80,
			"http_monitor": map[string]any{"http_request": "GET / HTTP/1.0", "maintenance_response": "back soon"},
		}, r.appVIP.String())
		up, _ := state()
		g.Expect(up).To(Equal("OPER_UP"))
		w.Now(func() { r.Engine("app-group").SetApp(r.pool, engine.App{Body: "We are back soon"}) })
		w.Pass(15 * time.Second)
		down, reason := state()
		g.Expect([]string{down, reason}).To(Equal([]string{"OPER_DOWN", "server is in maintenance: the response says so"}))
	})
}

// monitor_ip is asked in place of the member.
func TestMonitorOfAnotherAddress(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.kill(100)
		ping := func(ip string) map[string]any {
			return map[string]any{"type": "HEALTH_MONITOR_PING", "monitor_ip": map[string]any{"addr": ip, "type": "V4"}}
		}
		dead, alive := w.monitored("dead", ping("100.0.0.1"), "101.0.0.1"), w.monitored("alive", ping("101.0.0.1"), "100.0.0.1")
		w.Pass(10 * time.Second)
		state, _ := dead()
		g.Expect(state).To(Equal("OPER_DOWN"))
		state, _ = alive()
		g.Expect(state).To(Equal("OPER_UP"))
	})
}
