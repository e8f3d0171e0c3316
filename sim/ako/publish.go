package ako

import (
	"fmt"
	"strings"

	"github.com/gslbsim/gslbsim/sim/aviclient"
)

// published is what the controller made of the hosts.
type published struct {
	vip string
	vs  map[string]string // host -> uuid of its virtual service
}

// publish creates what is missing on the controller and deletes what no host needs any more. Objects are found by name;
// all bear the mark of this cluster in created_by.
func (a *ako) publish(hosts []host) (published, error) {
	made := published{vs: map[string]string{}}
	if len(hosts) == 0 {
		return made, a.cleanUp(nil)
	}
	shared := a.Cluster + "--Shared-L7-EVH-0"
	vsvip, err := a.ensure("vsvip", shared, aviclient.Object{
		"vip": []any{aviclient.Object{
			"vip_id": "0", "auto_allocate_ip": true,
			"ipam_network_subnet": aviclient.Object{"network_ref": "/api/network?name=" + a.Network},
		}},
	})
	if err != nil {
		return made, err
	}
	made.vip = vipOf(vsvip)
	if made.vip == "" {
		return made, fmt.Errorf("vsvip %s has no address", shared)
	}
	if _, err := a.ensure("virtualservice", shared, aviclient.Object{
		"type": "VS_TYPE_VH_PARENT", "vh_type": "VS_TYPE_VH_ENHANCED", "enabled": true,
		"vsvip_ref":               "/api/vsvip?name=" + shared,
		"application_profile_ref": "/api/applicationprofile?name=System-Secure-HTTP",
		"network_profile_ref":     "/api/networkprofile?name=System-TCP-Proxy",
		"services": []any{
			aviclient.Object{"port": 80, "enable_ssl": false}, aviclient.Object{"port": 443, "enable_ssl": true},
		},
		"ssl_key_and_certificate_refs": []any{"/api/sslkeyandcertificate?name=System-Default-Cert"},
	}); err != nil {
		return made, err
	}
	for _, h := range hosts {
		uuid, err := a.publishHost(shared, h)
		if err != nil {
			return made, err
		}
		made.vs[h.Name] = uuid
	}
	return made, a.cleanUp(hosts)
}

// publishHost makes the pool and the child virtual service of a host.
func (a *ako) publishHost(shared string, h host) (uuid string, err error) {
	pool := a.poolName(h)
	if _, err := a.ensure("pool", pool, aviclient.Object{
		"default_server_port": 8080,
		"servers":             []any{aviclient.Object{"ip": aviclient.Object{"addr": "192.0.2.10", "type": "V4"}, "port": 8080}},
	}); err != nil {
		return "", err
	}
	child, err := a.ensure("virtualservice", a.childName(h), aviclient.Object{
		"type": "VS_TYPE_VH_CHILD", "vh_type": "VS_TYPE_VH_ENHANCED", "enabled": true,
		"vh_parent_vs_ref":        "/api/virtualservice?name=" + shared,
		"application_profile_ref": "/api/applicationprofile?name=System-Secure-HTTP",
		"pool_ref":                "/api/pool?name=" + pool,
		"vh_matches": []any{aviclient.Object{
			"host": h.Name,
			"rules": []any{aviclient.Object{
				"name":    h.Name,
				"matches": aviclient.Object{"path": aviclient.Object{"match_criteria": "BEGINS_WITH", "match_str": texts(h.Paths)}},
			}},
		}},
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprint(child["uuid"]), nil
}

func (a *ako) childName(h host) string { return a.Cluster + "--" + h.Name }

func (a *ako) poolName(h host) string {
	return fmt.Sprintf("%s--%s-%s-%s", a.Cluster, h.Namespace, h.Name, h.Ingress)
}

// createdBy marks the objects of this cluster.
func (a *ako) createdBy() string { return "ako-" + a.Cluster }

// ensure returns the object with this name, creating it if there is none.
func (a *ako) ensure(kind, name string, body aviclient.Object) (aviclient.Object, error) {
	have, err := aviclient.Find(a.avi, kind, name)
	if err != nil || have != nil {
		return have, err
	}
	body["name"], body["tenant_ref"] = name, "/api/tenant?name=admin"
	body["cloud_ref"] = "/api/cloud?name=Default-Cloud"
	if kind != "vsvip" { // which has no such field
		body["created_by"] = a.createdBy()
	}
	var made aviclient.Object
	if err := a.avi.Post("api/"+kind, body, &made); err != nil {
		return nil, err
	}
	a.event("created", "%s %s", kind, name)
	return made, nil
}

// cleanUp deletes the children and pools of hosts that are gone: children first, which refer to the pools.
func (a *ako) cleanUp(hosts []host) error {
	keep := map[string]bool{}
	for _, h := range hosts {
		keep[a.childName(h)], keep[a.poolName(h)] = true, true
	}
	for _, kind := range []string{"virtualservice", "pool"} {
		have, err := aviclient.List(a.avi, kind, "created_by="+a.createdBy())
		if err != nil {
			return err
		}
		for _, o := range have {
			name := fmt.Sprint(o["name"])
			if keep[name] || strings.Contains(name, "--Shared-L7-") {
				continue
			}
			if err := a.avi.Delete(fmt.Sprintf("api/%s/%s", kind, o["uuid"])); err != nil {
				return err
			}
			a.event("deleted", "%s %s", kind, name)
		}
	}
	return nil
}

func vipOf(vsvip aviclient.Object) string {
	vips, _ := vsvip["vip"].([]any)
	for _, v := range vips {
		if vip, ok := v.(aviclient.Object); ok {
			if ip, ok := vip["ip_address"].(aviclient.Object); ok {
				return fmt.Sprint(ip["addr"])
			}
		}
	}
	return ""
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
