package fakeavi

import (
	"fmt"
	"net/netip"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// shipped is an object of a freshly installed controller.
type shipped struct {
	typ  string
	body map[string]any
}

type obj = map[string]any

// install creates what a freshly installed controller holds, beyond what its API needs.
func (c *Controller) install() error {
	if c.restored {
		return nil
	}
	for _, o := range c.shipped() {
		if err := c.create(o); err != nil {
			return err
		}
	}
	for _, d := range c.cfg.DNS {
		if err := c.installDNS(d); err != nil {
			return err
		}
	}
	return c.installSystemDNS()
}

func (c *Controller) create(o shipped) error {
	if name, _ := o.body["name"].(string); c.cfg.Restore != nil {
		if _, ok := c.store.Lookup(o.typ, store.AdminTenant, name); ok {
			return nil
		}
	}
	options := []store.Option{store.System()}
	if o.body["is_federated"] == true {
		// Federated objects are shipped with the same uuids everywhere, as they have them once they are replicated.
		options = append(options, store.WithUUID(fmt.Sprintf("%s-%s", o.typ, o.body["name"])))
	}
	if _, err := c.store.Create(o.typ, o.body, options...); err != nil {
		return fmt.Errorf("install %s %v: %w", o.typ, o.body["name"], err)
	}
	return nil
}

// shipped lists the objects in an order in which references find their targets.
func (c *Controller) shipped() []shipped {
	list := []shipped{}
	if c.cfg.Network.Prefix.IsValid() {
		list = append(list, shipped{"network", c.network()}, shipped{"ipamdnsproviderprofile", obj{
			"name": "Default-IPAM", "type": "IPAMDNS_TYPE_INTERNAL", "internal_profile": obj{
				"usable_networks": []any{obj{"nw_ref": "/api/network?name=" + c.cfg.Network.Name}},
			},
		}})
	}
	list = append(list, shipped{"cloud", c.cloud()}, shipped{"vrfcontext", obj{"name": "global"}})
	for _, e := range c.cfg.Engines {
		list = append(list, shipped{"serviceenginegroup", obj{"name": e.Name}}, shipped{"serviceengine", obj{
			"name": seName(e.Name), "se_group_ref": "/api/serviceenginegroup?name=" + e.Name,
			"mgmt_vnic": obj{"is_mgmt": true, "connected": true, "mac_address": macOf(e.Addr), "vnic_networks": []any{obj{
				"mode": "STATIC", "ip": obj{"ip_addr": ip(e.Addr), "mask": e.Addr.BitLen()},
			}}},
		}})
	}
	list = append(list, applicationProfiles()...)
	list = append(list, networkProfiles()...)
	list = append(list, persistenceProfiles()...)
	list = append(list, tlsObjects()...)
	list = append(list, shipped{"analyticsprofile", obj{"name": "System-Analytics-Profile"}})
	list = append(list, localMonitors()...)
	list = append(list, gslbMonitors()...)
	return append(list, alertConfigs()...)
}

// seName is the name of the only service engine of a group.
func seName(group string) string { return group + "-se-1" }

// macOf derives a locally administered MAC address from the low bytes of an address.
func macOf(a netip.Addr) string {
	b := a.As16()
	return fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", b[12], b[13], b[14], b[15])
}

func (c *Controller) network() obj {
	n := c.cfg.Network
	subnet := obj{"prefix": obj{"ip_addr": ip(n.Prefix.Masked().Addr()), "mask": n.Prefix.Bits()}}
	if n.Begin.IsValid() && n.End.IsValid() {
		subnet["static_ip_ranges"] = []any{obj{
			"range": obj{"begin": ip(n.Begin), "end": ip(n.End)}, "type": "STATIC_IPS_FOR_VIP_AND_SE",
		}}
	}
	return obj{"name": n.Name, "configured_subnets": []any{subnet}}
}

func (c *Controller) cloud() obj {
	cloud := obj{"name": "Default-Cloud", "vtype": "CLOUD_NONE"}
	if c.cfg.Network.Prefix.IsValid() {
		cloud["ipam_provider_ref"] = "/api/ipamdnsproviderprofile?name=Default-IPAM"
	}
	return cloud
}

func applicationProfiles() []shipped {
	profile := func(name, typ string, more obj) shipped {
		body := obj{"name": name, "type": "APPLICATION_PROFILE_TYPE_" + typ}
		for k, v := range more {
			body[k] = v
		}
		return shipped{"applicationprofile", body}
	}
	return []shipped{
		profile("System-HTTP", "HTTP", obj{"http_profile": obj{}}),
		profile("System-Secure-HTTP", "HTTP", obj{"http_profile": obj{}}),
		profile("System-Secure-HTTP-VDI", "HTTP", obj{"http_profile": obj{}}),
		profile("System-L4-Application", "L4", nil),
		profile("System-SSL-Application", "SSL", nil),
		profile("System-DNS", "DNS", obj{"dns_service_profile": obj{"error_response": "DNS_ERROR_RESPONSE_ERROR"}}),
	}
}

func networkProfiles() []shipped {
	profile := func(name, typ, part string) shipped {
		return shipped{"networkprofile", obj{"name": name, "profile": obj{"type": "PROTOCOL_TYPE_" + typ, part: obj{}}}}
	}
	return []shipped{
		profile("System-TCP-Proxy", "TCP_PROXY", "tcp_proxy_profile"),
		profile("System-TCP-Fast-Path", "TCP_FAST_PATH", "tcp_fast_path_profile"),
		profile("System-UDP-Fast-Path", "UDP_FAST_PATH", "udp_fast_path_profile"),
		profile("System-UDP-Per-Pkt", "UDP_FAST_PATH", "udp_fast_path_profile"),
	}
}

func persistenceProfiles() []shipped {
	profile := func(name, typ string, more obj) shipped {
		body := obj{"name": name, "persistence_type": "PERSISTENCE_TYPE_" + typ}
		for k, v := range more {
			body[k] = v
		}
		return shipped{"applicationpersistenceprofile", body}
	}
	return []shipped{
		profile("System-Persistence-Client-IP", "CLIENT_IP_ADDRESS", nil),
		profile("System-Persistence-Http-Cookie", "HTTP_COOKIE", nil),
		profile("System-Persistence-TLS", "TLS", nil),
	}
}

func monitor(name, typ string, port int, more obj) shipped {
	body := obj{
		"name": name, "type": "HEALTH_MONITOR_" + typ, "send_interval": 10, "receive_timeout": 4,
		"successful_checks": 3, "failed_checks": 3,
	}
	if port > 0 {
		body["monitor_port"] = port
	}
	for k, v := range more {
		body[k] = v
	}
	return shipped{"healthmonitor", body}
}

func webPart(key string) obj {
	return obj{key: obj{"http_request": "HEAD / HTTP/1.0", "http_response_code": []any{"HTTP_2XX", "HTTP_3XX"}}}
}

func localMonitors() []shipped {
	return []shipped{
		monitor("System-HTTP", "HTTP", 0, webPart("http_monitor")),
		monitor("System-HTTPS", "HTTPS", 0, webPart("https_monitor")),
		monitor("System-Ping", "PING", 0, nil),
		monitor("System-TCP", "TCP", 0, obj{"tcp_monitor": obj{}}),
		monitor("System-UDP", "UDP", 0, obj{"udp_monitor": obj{}}),
		monitor("System-DNS", "DNS", 0, obj{"dns_monitor": obj{"query_name": "www.google.com"}}),
	}
}

// gslbMonitors are the five shipped monitors for GSLB. Their ports are unconfirmed: GSLB asks for one where the type has one.
func gslbMonitors() []shipped {
	federated := func(s shipped) shipped { s.body["is_federated"] = true; return s }
	return []shipped{
		federated(monitor("System-GSLB-Ping", "PING", 0, nil)),
		federated(monitor("System-GSLB-TCP", "TCP", 80, obj{"tcp_monitor": obj{}})),
		federated(monitor("System-GSLB-UDP", "UDP", 53, obj{"udp_monitor": obj{}})),
		federated(monitor("System-GSLB-HTTP", "HTTP", 80, webPart("http_monitor"))),
		federated(monitor("System-GSLB-HTTPS", "HTTPS", 443, webPart("https_monitor"))),
	}
}

// installDNS creates a DNS virtual service with the System-DNS profile.
func (c *Controller) installDNS(d DNSConfig) error {
	group := d.Engine
	if group == "" {
		group = c.cfg.Engines[0].Name
	}
	key := "ip_address"
	if !d.VIP.Is4() {
		key = "ip6_address"
	}
	vsvip := obj{"name": d.Name + "-vip", "vip": []any{obj{"vip_id": "1", key: ip(d.VIP)}}}
	vs := obj{
		"name": d.Name, "vsvip_ref": "/api/vsvip?name=" + d.Name + "-vip",
		"application_profile_ref": "/api/applicationprofile?name=System-DNS",
		"network_profile_ref":     "/api/networkprofile?name=System-UDP-Per-Pkt",
		"se_group_ref":            "/api/serviceenginegroup?name=" + group,
		"services":                []any{obj{"port": 53}},
	}
	if err := c.create(shipped{"vsvip", vsvip}); err != nil {
		return err
	}
	return c.create(shipped{"virtualservice", vs})
}

// installSystemDNS makes the first DNS virtual service answer for the names of the site's own virtual services.
func (c *Controller) installSystemDNS() error {
	configs, _ := c.store.List("systemconfiguration", store.Query{})
	if len(c.cfg.DNS) == 0 || len(configs) == 0 {
		return nil
	}
	_, err := c.store.Patch("systemconfiguration", configs[0].UUID, obj{"replace": obj{
		"dns_virtualservice_refs": []any{"/api/virtualservice?name=" + c.cfg.DNS[0].Name},
	}}, store.System())
	return err
}

func ip(a interface {
	String() string
	Is4() bool
}) obj {
	typ := "V6"
	if a.Is4() {
		typ = "V4"
	}
	return obj{"addr": a.String(), "type": typ}
}

// tlsObjects are the TLS profiles and the certificates that a virtual service refers to when it is given none. They hold no
// key material: nothing here terminates TLS.
func tlsObjects() []shipped {
	list := []shipped{}
	for _, name := range []string{"System-Standard", "System-Standard-PFS", "System-Standard-Portal"} {
		list = append(list, shipped{"sslprofile", obj{"name": name, "accepted_versions": []any{obj{"type": "SSL_VERSION_TLS1_2"}}}})
	}
	for _, name := range []string{"System-Default-Cert", "System-Default-Cert-EC", "System-Default-Portal-Cert"} {
		list = append(list, shipped{"sslkeyandcertificate", obj{"name": name, "certificate": obj{"self_signed": true}}})
	}
	return list
}
