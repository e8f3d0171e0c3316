package model_test

import (
	"net/netip"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/model"
)

func ptr[T any](v T) *T { return &v }

func full() model.Service {
	s := shop()
	s.DomainNames = []string{"alias.example.com", "shop.example.com"}
	s.TTL = ptr(uint32(30))
	s.Down = &model.DownResponse{Type: model.DownFallbackIP, Fallback: netip.MustParseAddr("192.0.2.9")}
	s.Monitors = []string{"amko--one", "amko--two"}
	s.Persistence, s.PKI = "site", "ca"
	s.Pools[0].Members = append(s.Pools[0].Members, model.Member{VIP: netip.MustParseAddr("10.1.0.2"), Ratio: 1})
	s.Pools[0].Algorithm, s.Pools[0].Fallback, s.Pools[0].HashMask = model.Geo, model.ConsistentHash, 24
	return s
}

// Shows: B4, own-adopt
func TestUpdateOfAnEqualServiceIsNothing(t *testing.T) {
	tests := map[string]func(d map[string]any){
		"as written": nil,
		"order differs": func(d map[string]any) {
			d["description"] = "LBSVC/west/web/shop,INGRESS/east/web/shop/shop.example.com"
			d["domain_names"] = []any{"shop.example.com", "alias.example.com"}
			refs := d["health_monitor_refs"].([]any)
			refs[0], refs[1] = refs[1], refs[0]
			groups := d["groups"].([]any)
			members := groups[0].(map[string]any)["members"].([]any)
			members[0], members[1] = members[1], members[0]
			groups[0], groups[1] = groups[1], groups[0]
		},
		"made by AMKO, which has no marker for what comes from a policy": func(d map[string]any) { delete(d, "markers") },
		"switched off by hand": func(d map[string]any) {
			d["enabled"], group(d, 0)["enabled"], member(d, 0, 0)["enabled"] = false, false, false
		},
		"tuned by hand": func(d map[string]any) {
			d["use_edns_client_subnet"], d["min_members"], d["num_dns_ip"] = false, 2, 1
			member(d, 0, 0)["hostname"] = "probe.example.com"
		},
		"defaults left out": func(d map[string]any) { delete(d, "wildcard_match"); delete(d, "resolve_cname") },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			body, differ, err := full().Update(storedService(g, full(), change))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(differ).To(BeEmpty())
			g.Expect(body).To(BeNil())
		})
	}
}

func TestUpdateNamesWhatDiffers(t *testing.T) {
	tests := map[string]struct {
		change func(*model.Service)
		differ []string
	}{
		"weight":   {func(s *model.Service) { s.Pools[0].Members[0].Ratio = 7 }, []string{"groups"}},
		"priority": {func(s *model.Service) { s.Pools[0].Priority = 30 }, []string{"groups"}},
		"member added": {func(s *model.Service) {
			s.Pools[1].Members = append(s.Pools[1].Members, model.Member{VIP: netip.MustParseAddr("10.9.9.9"), Ratio: 1})
		}, []string{"groups"}},
		"member removed":   {func(s *model.Service) { s.Pools[0].Members = s.Pools[0].Members[:1] }, []string{"groups"}},
		"pool removed":     {func(s *model.Service) { s.Pools = s.Pools[:1] }, []string{"groups"}},
		"plain address":    {func(s *model.Service) { s.Pools[0].Members[0].VirtualService = "" }, []string{"groups"}},
		"public address":   {func(s *model.Service) { s.Pools[1].Members[0].PublicIP = netip.Addr{} }, []string{"groups"}},
		"algorithm":        {func(s *model.Service) { s.Pools[1].Algorithm = model.Topology }, []string{"groups"}},
		"hash mask":        {func(s *model.Service) { s.Pools[0].HashMask = 16 }, []string{"groups"}},
		"no fallback":      {func(s *model.Service) { s.Pools[0].Fallback = "" }, []string{"groups"}},
		"monitors needed":  {func(s *model.Service) { s.Pools[1].MinMonitorsUp = 1 }, []string{"groups"}},
		"alias":            {func(s *model.Service) { s.DomainNames = s.DomainNames[1:] }, []string{"domain_names"}},
		"monitor":          {func(s *model.Service) { s.Monitors = s.Monitors[:1] }, []string{"health_monitor_refs"}},
		"no monitors":      {func(s *model.Service) { s.Monitors = nil }, []string{"health_monitor_refs"}},
		"ttl":              {func(s *model.Service) { s.TTL = ptr(uint32(60)) }, []string{"ttl"}},
		"ttl zero":         {func(s *model.Service) { s.TTL = ptr(uint32(0)) }, []string{"ttl"}},
		"no ttl":           {func(s *model.Service) { s.TTL = nil }, []string{"markers", "ttl"}},
		"down response":    {func(s *model.Service) { s.Down = &model.DownResponse{Type: model.DownEmpty} }, []string{"down_response"}},
		"fallback family":  {func(s *model.Service) { s.Down.Fallback = netip.MustParseAddr("2001:db8::9") }, []string{"down_response"}},
		"no down response": {func(s *model.Service) { s.Down = nil }, []string{"down_response", "markers"}},
		"object":           {func(s *model.Service) { s.Sources = s.Sources[:1] }, []string{"description"}},
		"owner":            {func(s *model.Service) { s.CreatedBy = "amko-2" }, []string{"created_by"}},
		"persistence":      {func(s *model.Service) { s.Persistence = "other" }, []string{"application_persistence_profile_ref"}},
		"pki":              {func(s *model.Service) { s.PKI = "other" }, []string{"pki_profile_ref"}},
		"no persistence": {func(s *model.Service) { s.Persistence, s.PKI = "", "" },
			[]string{"application_persistence_profile_ref", "pki_profile_ref", "site_persistence_enabled"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			want := full()
			tt.change(&want)
			body, differ, err := want.Update(storedService(g, full(), nil))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(differ).To(Equal(tt.differ))
			_, differ, err = want.Update(again(g, body))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(differ).To(BeEmpty(), "an update must not be followed by another")
		})
	}
}

// Shows: ttl
func TestATTLOfZeroIsTakenBack(t *testing.T) {
	g := NewWithT(t)
	s := shop()
	s.TTL = ptr(uint32(0))
	body, differ, err := shop().Update(storedService(g, s, nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"markers", "ttl"}))
	g.Expect(object(g, body)).NotTo(HaveKey("ttl"))
}

func TestAPoolOfPriorityZero(t *testing.T) {
	g := NewWithT(t)
	zero := shop()
	zero.Pools = zero.Pools[:1]
	zero.Pools[0].Priority = 0
	for name, change := range map[string]func(map[string]any){
		"without groups":   func(d map[string]any) { d["groups"] = []any{} },
		"without priority": func(d map[string]any) { delete(group(d, 0), "priority") },
		"of another":       func(d map[string]any) { group(d, 0)["priority"] = 10 },
	} {
		body, differ, err := zero.Update(storedService(g, zero, change))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(differ).To(ContainElement("groups"), name)
		g.Expect(group(object(g, body), 0)).To(HaveKeyWithValue("priority", 0.0), name)
	}
}

func TestDescriptionAndMembersStayInOneOrder(t *testing.T) {
	g := NewWithT(t)
	one := func(order ...int) model.Service {
		s := shop()
		s.Sources, s.Pools = nil, s.Pools[:1]
		s.Pools[0].Members = nil
		for _, i := range order {
			s.Sources = append(s.Sources, model.Source{Kind: model.LoadBalancer, Cluster: string(rune('a' + i)), Namespace: "n", Name: "s"})
			s.Pools[0].Members = append(s.Pools[0].Members, model.Member{VIP: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Ratio: 1})
		}
		return s
	}
	_, differ, err := one(1, 2, 3).Update(storedService(g, one(3, 1, 2), nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(BeEmpty(), "another order, but one and the same")

	renamed := one(1, 2, 3)
	renamed.Sources[0].Name = "z"
	body, differ, err := renamed.Update(storedService(g, one(3, 1, 2), nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"description", "groups"}))
	g.Expect(member(object(g, body), 0, 0)["ip"]).To(HaveKeyWithValue("addr", "10.0.0.1"))

	swapped := one(1, 2, 3)
	swapped.Pools[0].Members[0].VIP, swapped.Pools[0].Members[1].VIP = swapped.Pools[0].Members[1].VIP, swapped.Pools[0].Members[0].VIP
	_, differ, err = swapped.Update(storedService(g, one(1, 2, 3), nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"groups"}))
}

// Shows: own-kept, better-user-fields
func TestUpdateKeepsWhatPeopleSet(t *testing.T) {
	g := NewWithT(t)
	byHand := storedService(g, shop(), func(d map[string]any) {
		d["ttl"], d["enabled"], d["num_dns_ip"] = 77, false, 3
		d["field_of_the_future"] = map[string]any{"n": 1e3}
		d["markers"] = []any{map[string]any{"key": "team", "values": []any{"web"}}}
		member(d, 0, 0)["enabled"] = false
		member(d, 0, 0)["preference_order"] = 4
		group(d, 0)["manual_resume"] = true
	})
	want := shop()
	want.Pools[0].Priority = 40 // the member moves to another pool
	body, differ, err := want.Update(byHand)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"groups"}))
	d := object(g, body)
	g.Expect(d).To(HaveKeyWithValue("ttl", 77.0))
	g.Expect(d).To(HaveKeyWithValue("enabled", false))
	g.Expect(d).To(HaveKeyWithValue("num_dns_ip", 3.0))
	g.Expect(d).To(HaveKey("field_of_the_future"))
	g.Expect(d).To(HaveKeyWithValue("_last_modified", "1700000000000001"))
	g.Expect(d["markers"]).To(HaveLen(1))
	g.Expect(member(d, 0, 0)).To(HaveKeyWithValue("enabled", false))
	g.Expect(member(d, 0, 0)).To(HaveKeyWithValue("preference_order", 4.0))
	g.Expect(group(d, 0)).To(HaveKeyWithValue("name", "amko-gs-group-40"))
	g.Expect(group(d, 0)).NotTo(HaveKey("manual_resume"), "that was said about the pool of priority 20")
}

// Shows: ttl, own-kept
func TestConditionalFieldsBelongToThePolicyWhileItSetsThem(t *testing.T) {
	g := NewWithT(t)
	silent, setting := shop(), shop()
	setting.TTL = ptr(uint32(30))

	body, _, err := setting.Update(storedService(g, silent, func(d map[string]any) { d["ttl"] = 77 }))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(object(g, body)).To(HaveKeyWithValue("ttl", 30.0))

	body, differ, err := silent.Update(again(g, body))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"markers", "ttl"}))
	g.Expect(object(g, body)).NotTo(HaveKey("ttl"), "the policy took its value back")
	g.Expect(object(g, body)).NotTo(HaveKey("markers"))

	byHand := again(g, body)
	byHand, err = model.ParseService(stored(g, byHand.Body, func(d map[string]any) { d["ttl"] = 77 }), "")
	g.Expect(err).NotTo(HaveOccurred())
	_, differ, err = silent.Update(byHand)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(BeEmpty(), "a value set by hand stays")
}

func TestAStaleMarkerDoesNotClaimAValueSetByHandLater(t *testing.T) {
	g := NewWithT(t)
	setting := shop()
	setting.TTL = ptr(uint32(30))
	cleared := storedService(g, setting, func(d map[string]any) { delete(d, "ttl") })
	_, differ, err := shop().Update(cleared)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"markers"}))
}

func TestAStoredResponseNoneEqualsNoResponse(t *testing.T) {
	g := NewWithT(t)
	want := shop()
	want.Down = &model.DownResponse{Type: model.DownNone}
	_, differ, err := want.Update(storedService(g, shop(), nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(BeEmpty())
}

// Shows: better-timers, own-kept
func TestUpdateOfMonitors(t *testing.T) {
	web := model.PathMonitor(shop().Key, "amko-1", "/", false)
	tests := map[string]struct {
		want   model.Monitor
		change func(map[string]any)
		differ []string
	}{
		"equal":          {web, nil, nil},
		"timers by hand": {web, func(d map[string]any) { d["send_interval"] = 3 }, nil},
		"codes in an order": {web, func(d map[string]any) {
			d["http_monitor"].(map[string]any)["http_response_code"] = []any{"HTTP_3XX", "HTTP_2XX"}
		}, nil},
		"template":        {web.FromTemplate("mine", "GET /x HTTP/1.1", []string{"HTTP_2XX"}), nil, []string{"description", "http_monitor"}},
		"request by hand": {web, func(d map[string]any) { d["http_monitor"].(map[string]any)["http_request"] = "GET / HTTP/1.0" }, []string{"http_monitor"}},
		"port by hand":    {web, func(d map[string]any) { d["monitor_port"] = 81 }, []string{"monitor_port"}},
		"unmarked":        {web, func(d map[string]any) { delete(d, "markers") }, []string{"markers"}},
		"not federated":   {web, func(d map[string]any) { d["is_federated"] = false }, []string{"is_federated"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			have, err := model.ParseMonitor(stored(g, web.Body(), tt.change), "")
			g.Expect(err).NotTo(HaveOccurred())
			body, differ, err := tt.want.Update(have)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(differ).To(Equal(tt.differ))
			if body == nil {
				return
			}
			have, err = model.ParseMonitor(stored(g, body, nil), "")
			g.Expect(err).NotTo(HaveOccurred())
			_, differ, err = tt.want.Update(have)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(differ).To(BeEmpty())
		})
	}
}

// Shows: own-kept
func TestUpdateOfAMonitorKeepsItsTLSAttributes(t *testing.T) {
	g := NewWithT(t)
	web := model.PathMonitor(shop().Key, "amko-1", "/", true)
	have, err := model.ParseMonitor(stored(g, web.Body(), func(d map[string]any) {
		d["https_monitor"].(map[string]any)["ssl_attributes"] = map[string]any{"server_name": "x"}
	}), "")
	g.Expect(err).NotTo(HaveOccurred())
	body, _, err := web.FromTemplate("mine", "GET /x HTTP/1.1", []string{"HTTP_2XX"}).Update(have)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(object(g, body)["https_monitor"]).To(And(
		HaveKeyWithValue("http_request", "GET / HTTP/1.1"), HaveKey("ssl_attributes")))
}
