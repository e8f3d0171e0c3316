package fakeavi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
)

// Federation describes a GSLB federation to be formed of freshly installed controllers.
type Federation struct {
	Leader    Member
	Followers []Member
	// Domains are the subdomains that GSLB services may have names in.
	Domains []string
	// ThirdParty are further sites, without controllers, as bodies of third_party_sites.
	ThirdParty []map[string]any
	// Settings are further fields of the gslb object.
	Settings map[string]any
}

// Member describes a site of a federation.
type Member struct {
	Controller *Controller
	Name       string // of the site; the controller's Config.Site if empty
	Passive    bool
	// DNS are the names of the DNS virtual services that host GSLB services; nil for all that the site has.
	DNS []string
	// Settings are further fields of the site.
	Settings map[string]any
}

// Form makes the federation by the requests that an administrator would make: the leader's gslb object, then for each
// follower a verification and its addition to the sites. The followers have the configuration some messages later. It
// must be called where handlers may be; the error is that of the first request that is refused.
func (f Federation) Form() error {
	leader := f.Leader.Controller
	admin, err := leader.administrator()
	if err != nil {
		return fmt.Errorf("form federation: %w", err)
	}
	site, err := f.Leader.site(leader.ClusterUUID())
	if err != nil {
		return fmt.Errorf("form federation: %w", err)
	}
	var domains []any
	for _, d := range f.Domains {
		domains = append(domains, obj{"domain_name": d})
	}
	body := obj{
		"name": "Default", "leader_cluster_uuid": leader.ClusterUUID(), "sites": []any{site}, "dns_configs": domains,
	}
	if len(f.ThirdParty) > 0 {
		body["third_party_sites"] = f.ThirdParty
	}
	for k, v := range f.Settings {
		body[k] = v
	}
	gslb, err := admin.do(http.MethodPost, "/api/gslb", body)
	if err != nil {
		return fmt.Errorf("form federation: %w", err)
	}
	for _, m := range f.Followers {
		if err := m.join(admin, gslb["uuid"]); err != nil {
			return fmt.Errorf("form federation: site %s: %w", m.name(), err)
		}
	}
	return nil
}

func (m Member) name() string {
	if m.Name != "" {
		return m.Name
	}
	return m.Controller.cfg.Site
}

// join verifies a follower and adds it to the leader's sites.
func (m Member) join(leader *administrator, gslb any) error {
	c := m.Controller
	reply, err := leader.do(http.MethodPost, "/api/gslbsiteops/verify", obj{
		"name": m.name(), "username": c.cfg.Username, "password": c.cfg.Password, "port": 443,
		"ip_addresses": []any{ip(c.Addr())},
	})
	if err != nil {
		return err
	}
	cluster, _ := reply["rx_uuid"].(string)
	site, err := m.site(cluster)
	if err != nil {
		return err
	}
	_, err = leader.do(http.MethodPatch, fmt.Sprintf("/api/gslb/%v", gslb), obj{"add": obj{"sites": []any{site}}})
	return err
}

// site is the body of the member in the gslb object.
func (m Member) site(cluster string) (obj, error) {
	c := m.Controller
	typ := "GSLB_ACTIVE_MEMBER"
	if m.Passive {
		typ = "GSLB_PASSIVE_MEMBER"
	}
	site := obj{
		"name": m.name(), "cluster_uuid": cluster, "username": c.cfg.Username, "password": c.cfg.Password, "port": 443,
		"member_type": typ, "enabled": true, "ip_addresses": []any{ip(c.Addr())},
	}
	if !m.Passive {
		placements, err := m.placements()
		if err != nil {
			return nil, err
		}
		site["dns_vses"] = placements
	}
	for k, v := range m.Settings {
		site[k] = v
	}
	return site, nil
}

func (m Member) placements() ([]any, error) {
	names := m.DNS
	if names == nil {
		for _, d := range m.Controller.cfg.DNS {
			names = append(names, d.Name)
		}
	}
	if len(names) == 0 {
		return []any{}, nil
	}
	admin, err := m.Controller.administrator()
	if err != nil {
		return nil, err
	}
	placements := []any{}
	for _, name := range names {
		reply, err := admin.do(http.MethodGet, "/api/virtualservice?name="+url.QueryEscape(name), nil)
		if err != nil {
			return nil, err
		}
		results, _ := reply["results"].([]any)
		if len(results) == 0 {
			return nil, fmt.Errorf("there is no virtual service %s", name)
		}
		placements = append(placements, obj{"dns_vs_uuid": results[0].(map[string]any)["uuid"]})
	}
	return placements, nil
}

// administrator is a session of the controller's administrator, without a network in between.
type administrator struct {
	c       *Controller
	cookies []*http.Cookie
	csrf    string
}

func (c *Controller) administrator() (*administrator, error) {
	a := &administrator{c: c}
	if _, err := a.do(http.MethodPost, "/login", obj{"username": c.cfg.Username, "password": c.cfg.Password}); err != nil {
		return nil, fmt.Errorf("log in to %s: %w", c.cfg.Name, err)
	}
	return a, nil
}

// do makes a request and returns the reply. Replies other than 2xx are errors.
func (a *administrator) do(method, path string, body any) (obj, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	base := "https://" + netip.AddrPortFrom(a.c.Addr(), 443).String()
	r, err := http.NewRequest(method, base+path, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	r.RequestURI, r.RemoteAddr = path, netip.AddrPortFrom(a.c.Addr(), 1).String()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Referer", base+"/")
	r.Header.Set("X-CSRFToken", a.csrf)
	for _, c := range a.cookies {
		r.AddCookie(c)
	}
	w := &recorder{header: http.Header{}, code: http.StatusOK}
	a.c.api.ServeHTTP(w, r)
	if w.code < 200 || w.code > 299 {
		return nil, fmt.Errorf("%s %s: HTTP code %d: %s", method, path, w.code, bytes.TrimSpace(w.body.Bytes()))
	}
	a.remember(w)
	var reply obj
	if w.body.Len() > 0 {
		if err := json.Unmarshal(w.body.Bytes(), &reply); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	return reply, nil
}

// remember takes the cookies of a login.
func (a *administrator) remember(w *recorder) {
	cookies := (&http.Response{Header: w.header}).Cookies()
	if len(cookies) == 0 {
		return
	}
	a.cookies = cookies
	for _, c := range cookies {
		if c.Name == "csrftoken" {
			a.csrf = c.Value
		}
	}
}

// recorder keeps a reply.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(code int)        { w.code = code }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }
