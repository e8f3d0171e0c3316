package config_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// monitorBody is a monitor as AMKO makes it.
func monitorBody(more obj) obj {
	m := obj{
		"name": "hm", "type": "HEALTH_MONITOR_HTTP", "is_federated": true, "monitor_port": 80, "send_interval": 10,
		"receive_timeout": 4, "successful_checks": 3, "failed_checks": 3,
		"http_monitor": obj{"http_request": "HEAD /live HTTP/1.0", "http_response_code": []any{"HTTP_2XX", "HTTP_3XX"}},
	}
	for k, v := range more {
		m[k] = v
	}
	return m
}

// service is a GSLB service of one pool with the given members.
func service(more obj, members ...any) obj {
	s := obj{
		"name": "app", "domain_names": []any{"app.gslb.example", "alias.gslb.example"},
		"health_monitor_refs": []any{"/api/healthmonitor?name=hm"},
		"groups":              []any{obj{"name": "pool", "priority": 20, "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": members}},
	}
	for k, v := range more {
		s[k] = v
	}
	return s
}

func TestReadServiceMembers(t *testing.T) {
	d := newDB(t)
	g := d.federation(nil)
	d.make("healthmonitor", monitorBody(nil))
	o := d.make("gslbservice", service(nil,
		obj{"ip": ip("10.1.0.1"), "cluster_uuid": "cluster-a", "vs_uuid": "vs-1", "ratio": 5, "public_ip": obj{"ip": ip("192.0.2.1")}},
		obj{"ip": ip("10.2.0.1"), "cluster_uuid": "cluster-b", "vs_uuid": "vs-2", "enabled": false, "hostname": "host.example"},
		obj{"ip": ip("10.3.0.1"), "cluster_uuid": "tp_cluster-t"},
		obj{"ip": ip("10.4.0.1")},
		obj{"fqdn": "elsewhere.example", "ip": obj{"addr": "elsewhere.example", "type": "DNS"}},
	))
	svc, warnings := config.ReadService(o, &g, "cluster-1", d.find)
	d.g.Expect(warnings).To(BeEmpty())
	d.g.Expect(svc.DNS.Domains).To(Equal([]string{"app.gslb.example", "alias.gslb.example"}))
	d.g.Expect(svc.DNS.Pools[0].Priority).To(Equal(20))
	members, more := svc.DNS.Pools[0].Members, svc.Pools[0].Members
	d.g.Expect(members[0]).To(Equal(dns.Member{
		Addr: netip.MustParseAddr("10.1.0.1"), PublicAddr: netip.MustParseAddr("192.0.2.1"), Ratio: 5, PreferenceOrder: 1, Enabled: true,
		Site: "a", SiteRatio: 3, Location: &dns.Location{Latitude: 50.1, Longitude: 8.7, Name: "Germany"},
	}))
	d.g.Expect(more[0]).To(Equal(engine.ServiceMember{
		Enabled: true, SiteEnabled: true, Cluster: "cluster-a", VS: "vs-1", Control: true,
		Monitors: []health.Monitor{{
			Check: health.Check{
				Kind: health.KindHTTP, Target: netip.MustParseAddr("10.1.0.1"), Port: 80, Host: "app.gslb.example", Method: "HEAD",
				Path: "/live", Codes: health.Code2XX | health.Code3XX, Timeout: 4 * time.Second,
			},
			Thresholds: health.Thresholds{Successes: 3, Failures: 3}, Interval: 10 * time.Second,
		}},
	}))
	d.g.Expect(more[1].Enabled || more[1].SiteEnabled).To(BeFalse())
	d.g.Expect(more[1].Monitors[0].Check.Host).To(Equal("host.example"))
	d.g.Expect(members[2].Site).To(Equal("t"))
	d.g.Expect(members[2].LocationFromDB).To(BeTrue())
	d.g.Expect(more[2].Control).To(BeFalse(), "third-party members have no control plane")
	d.g.Expect(more[3].SiteEnabled).To(BeTrue())
	d.g.Expect(more[3].Monitors).To(HaveLen(1))
	d.g.Expect(members[4].FQDN).To(Equal("elsewhere.example"))
	d.g.Expect(more[4].Monitors).To(BeEmpty(), "there is no address to check")
}

func TestReadServiceModes(t *testing.T) {
	d := newDB(t)
	g := d.federation(nil)
	d.make("healthmonitor", monitorBody(nil))
	avi := obj{"ip": ip("10.1.0.1"), "cluster_uuid": "cluster-a", "vs_uuid": "vs-1"}
	plain := obj{"ip": ip("10.4.0.1")}
	cases := map[string]struct {
		body             obj
		control          bool
		aviHMs, plainHMs int
	}{
		"both":             {obj{}, true, 1, 1},
		"control only":     {obj{"health_monitor_refs": []any{}}, true, 0, 0},
		"data only":        {obj{"controller_health_status_enabled": false}, false, 1, 1},
		"only non-Avi":     {obj{"health_monitor_scope": "GSLB_SERVICE_HEALTH_MONITOR_ONLY_NON_AVI_MEMBERS"}, true, 0, 1},
		"monitors are off": {obj{"hm_off": true}, true, 0, 0},
	}
	for name, c := range cases {
		c.body["name"] = name
		svc, _ := config.ReadService(d.make("gslbservice", service(c.body, avi, plain)), &g, "cluster-1", d.find)
		m := svc.Pools[0].Members
		d.g.Expect(m[0].Control).To(Equal(c.control), name)
		d.g.Expect(m[0].Monitors).To(HaveLen(c.aviHMs), name)
		d.g.Expect(m[1].Monitors).To(HaveLen(c.plainHMs), name)
	}
}

func TestReadServiceAnswer(t *testing.T) {
	d := newDB(t)
	g := d.federation(nil)
	o := d.make("gslbservice", obj{
		"name": "app", "domain_names": []any{"app.gslb.example"}, "ttl": 0, "num_dns_ip": 0, "min_members": 2, "wildcard_match": true,
		"resolve_cname": true, "use_edns_client_subnet": false, "topology_policy_enabled": true, "enabled": false,
		"pool_algorithm": "GSLB_SERVICE_ALGORITHM_GEO", "record_type": "GSLB_SERVICE_RECORD_TYPE_SRV",
		"down_response": obj{"type": "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP", "fallback_ip": ip("192.0.2.9")},
		"groups": []any{obj{
			"name": "p", "algorithm": "GSLB_ALGORITHM_GEO", "fallback_algorithm": "GSLB_ALGORITHM_CONSISTENT_HASH",
			"consistent_hash_mask": 24, "min_health_monitors_up": 2, "manual_resume": true, "gslb_pool_type": "GSLB_POOL_TYPE_PUBLIC",
			"members": []any{obj{"fqdn": "x.example", "srv_rdata": obj{"port": 5060, "priority": 1, "weight": 2}}},
		}},
	})
	svc, _ := config.ReadService(o, &g, "cluster-1", d.find)
	s := svc.DNS
	zero, none := uint32(0), 0
	d.g.Expect(s.TTL).To(Equal(&zero))
	d.g.Expect(s.NumIPs).To(Equal(&none))
	d.g.Expect(s.MinMembers).To(Equal(2))
	d.g.Expect(s.Wildcard && s.ResolveCNAME && s.TopologyEnabled && !s.UseECS && !s.Enabled).To(BeTrue())
	d.g.Expect(s.PoolAlgorithm).To(Equal(dns.PoolsByGeo))
	d.g.Expect(s.RecordType).To(Equal(dns.SRVRecords))
	d.g.Expect(s.Down).To(Equal(dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: netip.MustParseAddr("192.0.2.9")}))
	p := s.Pools[0]
	d.g.Expect(p.Algorithm).To(Equal(dns.Geo))
	d.g.Expect(p.Fallback).To(Equal(dns.ConsistentHash))
	d.g.Expect(p.HashMask).To(Equal(24))
	d.g.Expect(p.Kind).To(Equal(dns.PublicPool))
	d.g.Expect(p.Members[0].SRV).To(Equal(&dns.SRVData{Priority: 1, Weight: 2, Port: 5060}))
	d.g.Expect(svc.Pools[0].MinUp).To(Equal(2))
	d.g.Expect(svc.Pools[0].ManualResume).To(BeTrue())
	unset, _ := config.ReadService(d.make("gslbservice", obj{
		"name": "plain", "domain_names": []any{"p.gslb.example"},
		"groups": []any{obj{"name": "p", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": []any{obj{"ip": ip("10.1.0.1")}}}},
	}), &g, "cluster-1", d.find)
	d.g.Expect(unset.DNS.TTL).To(BeNil())
	d.g.Expect(unset.DNS.NumIPs).To(BeNil())
}

func TestReadMonitor(t *testing.T) {
	at := netip.MustParseAddr("10.1.0.1")
	d := newDB(t)
	check := func(body obj) health.Check {
		m, err := config.ReadMonitor(d.make("healthmonitor", body).Body)
		d.g.Expect(err).NotTo(HaveOccurred())
		return m.For(at, "app.example").Check
	}
	d.g.Expect(check(obj{"name": "tcp", "type": "HEALTH_MONITOR_TCP", "tcp_monitor": obj{"tcp_response": "hello"}})).To(Equal(
		health.Check{Kind: health.KindTCP, Target: at, Port: 80, Keyword: "hello", Timeout: 4 * time.Second}))
	d.g.Expect(check(obj{"name": "ping", "type": "HEALTH_MONITOR_PING", "monitor_port": 7})).To(Equal(
		health.Check{Kind: health.KindPing, Target: at, Timeout: 4 * time.Second}))
	d.g.Expect(check(obj{"name": "udp", "type": "HEALTH_MONITOR_UDP", "udp_monitor": obj{"udp_response": "x"}}).Keyword).To(Equal("x"))
	d.g.Expect(check(obj{"name": "dns", "type": "HEALTH_MONITOR_DNS", "dns_monitor": obj{"query_name": "q.example"}}).Path).To(Equal("q.example"))
	https := check(obj{"name": "https", "type": "HEALTH_MONITOR_HTTPS", "https_monitor": obj{
		"http_request": "GET /x HTTP/1.1", "http_response": "ok", "maintenance_code": []any{503},
	}})
	d.g.Expect(https).To(Equal(health.Check{
		Kind: health.KindHTTPS, Target: at, Port: 443, Host: "app.example", Method: "GET", Path: "/x", Codes: health.Code2XX,
		Maintenance: [4]uint16{503}, Keyword: "ok", Timeout: 4 * time.Second,
	}))
	exact := check(obj{"name": "exact", "type": "HEALTH_MONITOR_HTTP", "http_monitor": obj{
		"http_request": "GET / HTTP/1.1\r\nHost: own.example", "exact_http_request": true,
	}})
	d.g.Expect(exact.Host).To(Equal("own.example"), "the request's own")
	d.g.Expect(check(obj{"name": "bare", "type": "HEALTH_MONITOR_HTTP", "http_monitor": obj{"exact_http_request": true}}).Host).To(BeEmpty())
	full := check(obj{"name": "full", "type": "HEALTH_MONITOR_HTTP", "authentication": obj{"username": "u", "password": "p"}, "monitor_ip": ip("10.1.0.9"),
		"http_monitor": obj{
			"http_request": "POST /x HTTP/1.1\r\nAccept: text/plain\r\nX-Probe:1\r\n", "http_request_body": "ping", "auth_type": "AUTH_BASIC",
			"maintenance_response": "drain",
		}})
	d.g.Expect(full).To(Equal(health.Check{
		Kind: health.KindHTTP, Target: netip.MustParseAddr("10.1.0.9"), Port: 80, Host: "app.example", Method: "POST", Path: "/x",
		Codes: health.Code2XX, Header: "Accept: text/plain\nX-Probe: 1\n", Send: "ping", Authorization: "Basic dTpw",
		MaintenanceKeyword: "drain", Timeout: 4 * time.Second,
	}))
	tcp := check(obj{"name": "tcp2", "type": "HEALTH_MONITOR_TCP", "tcp_monitor": obj{"tcp_request": "PING", "maintenance_response": "drain"}})
	d.g.Expect([]string{tcp.Send, tcp.Keyword, tcp.MaintenanceKeyword}).To(Equal([]string{"PING", "", "drain"}))
	query := check(obj{"name": "dns2", "type": "HEALTH_MONITOR_DNS", "dns_monitor": obj{
		"query_name": "q.example", "record_type": "DNS_RECORD_AAAA", "qtype": "DNS_ANY_TYPE", "rcode": "RCODE_ANYTHING", "response_string": "192.0.2.1",
	}})
	d.g.Expect(query.DNS).To(Equal(health.DNSExpectation{
		AAAA: true, Answers: health.AnswersOfAnyType, AnyRcode: true, Addr: netip.MustParseAddr("192.0.2.1"),
	}))
	d.g.Expect(check(obj{"name": "odd", "type": "HEALTH_MONITOR_HTTP", "http_monitor": obj{"http_request": "nonsense"}}).Path).To(Equal("/"))
	_, err := config.ReadMonitor(obj{"name": "bad", "type": "HEALTH_MONITOR_HTTP", "http_monitor": obj{"http_response_code": []any{"HTTP_9XX"}}})
	d.g.Expect(err).To(MatchError(ContainSubstring("health monitor bad")))
}

func TestMissingMonitorIsAWarning(t *testing.T) {
	g := NewWithT(t)
	svc, warnings := config.ReadService(config.Object{UUID: "gs", Body: obj{
		"health_monitor_refs": []any{"/api/healthmonitor/healthmonitor-gone"},
		"groups":              []any{obj{"members": []any{obj{"ip": ip("10.1.0.1")}}}},
	}}, &config.Gslb{}, "cluster-1", func(string) (config.Object, bool) { return config.Object{}, false })
	g.Expect(warnings).To(Equal([]string{"health monitor healthmonitor-gone does not exist here"}))
	g.Expect(svc.Pools[0].Members[0].Monitors).To(BeEmpty())
}

// FuzzBodies reads arbitrary objects as everything: nothing may panic.
func FuzzBodies(f *testing.F) {
	f.Add(`{"name":"x","groups":[{"members":[{"ip":{"addr":"10.0.0.1"}}]}],"health_monitor_refs":["/api/healthmonitor/a"]}`)
	f.Add(`{"sites":[{"dns_vses":[null,1]}],"send_interval":"x","view_id":-1}`)
	f.Add(`{"type":"HEALTH_MONITOR_HTTP","http_monitor":{"maintenance_code":[1,2,3,4,5]},"static_dns_records":[{"type":"DNS_RECORD_A"}]}`)
	f.Fuzz(func(_ *testing.T, text string) {
		var body map[string]any
		if json.Unmarshal([]byte(text), &body) != nil {
			return
		}
		o := config.Object{UUID: "u", Name: "n", Body: body}
		find := func(string) (config.Object, bool) { return o, true }
		g := config.ReadGslb(body)
		config.ReadService(o, &g, "cluster-1", find)
		_, _ = config.ReadMonitor(body)
		config.ReadVirtualService(o, find)
		config.ReadDNS(o, find, &g, "cluster-a")
		config.ReadFQDNs(o, find)
	})
}
