package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestPatch(t *testing.T) {
	site := func(uuid string) body {
		return body{"name": uuid, "cluster_uuid": uuid, "username": "u", "password": "p"}
	}
	for name, tc := range map[string]struct {
		patch  body
		want   body   // fields of the result
		gone   string // a field that the result does not have
		groups string // names of the pools of the result
	}{
		"add to a list":           {patch: body{"add": body{"domain_names": []any{"b"}}}, want: body{"domain_names": []any{"a", "b"}}},
		"add what is there":       {patch: body{"add": body{"domain_names": []any{"a", "b"}}}, want: body{"domain_names": []any{"a", "b"}}},
		"add a scalar":            {patch: body{"add": body{"ttl": 7}}, want: body{"ttl": int64(7)}},
		"replace a list":          {patch: body{"replace": body{"domain_names": []any{"c"}}}, want: body{"domain_names": []any{"c"}}},
		"replace a scalar":        {patch: body{"replace": body{"ttl": 7}}, want: body{"ttl": int64(7)}},
		"replace a default":       {patch: body{"replace": body{"enabled": false}}, want: body{"enabled": false}},
		"delete a scalar":         {patch: body{"delete": body{"ttl": 5}}, gone: "ttl"},
		"remove is delete":        {patch: body{"remove": body{"ttl": 5}}, gone: "ttl"},
		"delete to the default":   {patch: body{"delete": body{"enabled": false}}, want: body{"enabled": true}},
		"several":                 {patch: body{"add": body{"domain_names": []any{"b"}}, "delete": body{"ttl": 5}}, want: body{"domain_names": []any{"a", "b"}}, gone: "ttl"},
		"add and delete":          {patch: body{"add": body{"domain_names": []any{"b"}}, "delete": body{"domain_names": []any{"a"}}}, want: body{"domain_names": []any{"b"}}},
		"references":              {patch: body{"delete": body{"health_monitor_refs": []any{"https://h/api/healthmonitor?name=hm#hm"}}}, want: body{"health_monitor_refs": []any{}}},
		"read-only fields":        {patch: body{"replace": body{"url": "x", "ttl": 7}}, want: body{"ttl": int64(7)}, gone: "url"},
		"a new list":              {patch: body{"add": body{"markers": []any{body{"key": "k", "values": []any{"v"}}}}}, want: body{"markers": []any{body{"key": "k", "values": []any{"v"}}}}},
		"an element of a message": {patch: body{"delete": body{"groups": []any{body{"name": "p2"}}}}, groups: "p1"},
		"an unequal element":      {patch: body{"delete": body{"groups": []any{body{"name": "p2", "priority": 9}}}}, groups: "p1 p2"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := newStore()
			monitor(t, s, "hm")
			pool := func(name string) body {
				return body{"name": name, "members": []any{body{"ip": body{"addr": "1.1.1.1", "type": "V4"}}}}
			}
			o := create(t, s, "gslbservice", body{"name": "gs", "domain_names": []any{"a"}, "ttl": 5, "enabled": true,
				"groups": []any{pool("p1"), pool("p2")}, "health_monitor_refs": []any{"/api/healthmonitor?name=hm"}})
			changed, err := s.Patch("gslbservice", o.UUID, tc.patch)
			g.Expect(err).NotTo(HaveOccurred())
			for k, v := range tc.want {
				g.Expect(cmp.Diff(v, changed.Body()[k])).To(BeEmpty(), k)
			}
			if tc.gone != "" {
				g.Expect(changed.Body()).NotTo(HaveKey(tc.gone))
			}
			if tc.groups != "" {
				var names []string
				for _, group := range changed.Body()["groups"].([]any) {
					names = append(names, group.(body)["name"].(string))
				}
				g.Expect(strings.Join(names, " ")).To(Equal(tc.groups))
			}
			g.Expect(changed.Body()).To(HaveKeyWithValue("name", "gs"))
		})
	}

	t.Run("sites", func(t *testing.T) {
		g := NewWithT(t)
		s := newStore()
		o := create(t, s, "gslb", body{"name": "Default", "leader_cluster_uuid": "c1", "sites": []any{site("c1")}})
		o, err := s.Patch("gslb", o.UUID, body{"add": body{"sites": []any{site("c2")}}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(o.Body()["sites"]).To(HaveLen(2))
		g.Expect(o.Body()["sites"].([]any)[0]).To(HaveKeyWithValue("password", "p"))
		g.Expect(o.Body()["sites"].([]any)[1]).To(HaveKeyWithValue("port", int64(443)), "with its defaults")
		o, err = s.Patch("gslb", o.UUID, body{"delete": body{"sites": []any{body{"cluster_uuid": "c1"}}}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(o.Body()["sites"]).To(HaveLen(1))
	})
}

func TestPatchRefuses(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	o := create(t, s, "gslbservice", body{"name": "gs", "domain_names": []any{"a"}})
	version, err := schema.ParseVersion("22.1.1")
	g.Expect(err).NotTo(HaveOccurred())
	for _, tc := range []struct {
		patch   body
		options []store.Option
		status  int
		text    string
	}{
		{patch: body{}, status: 400, text: "a PATCH body needs one of the keys add, replace and delete"},
		{patch: body{"ttl": 5}, status: 400, text: `a PATCH body has the keys add, replace and delete, not "ttl"`},
		{patch: body{"add": 5}, status: 400, text: `"add" in a PATCH body must be an object of fields`},
		{patch: body{"add": body{"colour": 1}}, status: 400, text: "GslbService: colour is not a field of GslbService"},
		{patch: body{"add": body{"ttl": -1}}, status: 400, text: "GslbService: ttl -1 does not fit its type"},
		{patch: body{"add": body{"domain_names": "b"}}, status: 400, text: `GslbService: domain_names must be a list, not the string "b"`},
		{patch: body{"delete": body{"domain_names": []any{"a"}}}, status: 400, text: "GslbService: domain_names needs at least 1 item"},
		{patch: body{"delete": body{"name": "gs"}}, status: 400, text: "GslbService: name is required"},
		{patch: body{"replace": body{"_last_modified": "1", "ttl": 5}}, status: 412, text: "concurrent update: Need to reload object data GslbService"},
		{patch: body{"add": body{"health_monitor_refs": []any{"/api/healthmonitor?name=no"}}}, status: 400,
			text: "HealthMonitor object not found! (health_monitor_refs[0]: /api/healthmonitor?name=no)"},
		{patch: body{"add": body{"pki_profile_ref": "/api/pkiprofile?name=x"}}, options: []store.Option{store.AsOf(version)}, status: 400,
			text: "GslbService: pki_profile_ref is not a field of GslbService"},
	} {
		_, err := s.Patch("gslbservice", o.UUID, tc.patch, tc.options...)
		g.Expect(err).To(refused(tc.status, tc.text))
	}
	_, err = s.Patch("gslbservice", "gslbservice-no", body{"add": body{}})
	g.Expect(err).To(refused(404, "GslbService object not found!"))
	_, err = s.Patch("gslbservice", o.UUID, body{"add": body{"ttl": 5}}, store.AsOf(version))
	g.Expect(err).NotTo(HaveOccurred(), "newer fields that the object has already do not hinder an older client")
}
