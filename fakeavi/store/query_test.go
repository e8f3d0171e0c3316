package store_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestList(t *testing.T) {
	s := newStore()
	create(t, s, "tenant", body{"name": "blue"})
	create(t, s, "cloud", body{"name": "Default-Cloud", "vtype": "CLOUD_NONE"})
	hm := monitor(t, s, "hm")
	refs := []any{"/api/healthmonitor?name=hm"}
	a := create(t, s, "gslbservice", body{"name": "a", "ttl": 30, "created_by": "amko-1", "health_monitor_refs": refs, "domain_names": []any{"A.test", "b.test"}})
	create(t, s, "gslbservice", body{"name": "b", "ttl": 5, "created_by": "amko-2", "enabled": false, "description": "Hello"})
	create(t, s, "gslbservice", body{"name": "c", "ttl": 100, "created_by": "amko-1", "health_monitor_refs": refs}, store.InTenant("blue"))
	create(t, s, "gslbservice", body{"name": "a"}, store.InTenant("blue"))
	name := func(s string) *string { return &s }
	blue, _ := s.Lookup("tenant", "admin", "blue")
	for title, tc := range map[string]struct {
		query store.Query
		want  string // names, a tenant other than admin after a slash
		total int    // the number of names where 0
	}{
		"all":             {want: "a a/blue b c/blue"},
		"page":            {query: store.Query{Offset: 1, Limit: 2}, want: "a/blue b", total: 4},
		"last page":       {query: store.Query{Offset: 3, Limit: 2}, want: "c/blue", total: 4},
		"after the last":  {query: store.Query{Offset: 9, Limit: 2}, want: "", total: 4},
		"tenant":          {query: store.Query{Tenants: []string{"blue"}}, want: "a/blue c/blue"},
		"no tenant":       {query: store.Query{Tenants: []string{}}, want: ""},
		"name":            {query: store.Query{Name: name("a")}, want: "a a/blue"},
		"no such name":    {query: store.Query{Name: name("x")}, want: ""},
		"name and tenant": {query: store.Query{Name: name("a"), Tenants: []string{"admin"}}, want: "a"},
		"field":           {query: where("created_by", store.Equal, "amko-1"), want: "a c/blue"},
		"boolean":         {query: where("enabled", store.Equal, "false"), want: "b"},
		"number":          {query: where("ttl", store.Equal, "5"), want: "b"},
		"in":              {query: where("ttl", store.Equal, "5", "30"), want: "a b"},
		"not in":          {query: where("ttl", store.NotEqual, "5", "30"), want: "a/blue c/blue"},
		"contains":        {query: where("description", store.Contains, "ell"), want: "b"},
		"contains case":   {query: where("description", store.Contains, "hell"), want: ""},
		"icontains":       {query: where("description", store.ContainsFold, "hell"), want: "b"},
		"element":         {query: where("domain_names", store.Equal, "b.test"), want: "a"},
		"absent field":    {query: where("pki_profile_ref", store.Equal, ""), want: ""},
		"reference name":  {query: where("health_monitor_refs.name", store.Equal, "hm"), want: "a c/blue"},
		"reference uuid":  {query: where("health_monitor_refs.uuid", store.Equal, hm.UUID), want: "a c/blue"},
		"reference":       {query: where("health_monitor_refs", store.Equal, "https://h/api/healthmonitor/"+hm.UUID+"#hm"), want: "a c/blue"},
		"tenant name":     {query: where("tenant_ref.name", store.Equal, "blue"), want: "a/blue c/blue"},
		"tenant uuid":     {query: where("tenant_ref.uuid", store.Equal, blue.UUID), want: "a/blue c/blue"},
		"tenant ref":      {query: where("tenant_ref", store.Equal, "/api/tenant/"+blue.UUID), want: "a/blue c/blue"},
		"below a message": {query: where("configpb_attributes.version", store.Equal, "1"), want: "a a/blue b c/blue"},
		"uuid":            {query: where("uuid", store.Equal, a.UUID), want: "a"},
		"refers to":       {query: store.Query{RefersTo: store.Target{Type: "healthmonitor", UUID: hm.UUID}}, want: "a c/blue"},
		"refers to other": {query: store.Query{RefersTo: store.Target{Type: "pool", UUID: hm.UUID}}, want: ""},
		"sort":            {query: store.Query{Sort: []store.SortKey{{Path: "ttl"}}}, want: "a/blue b a c/blue"},
		"sort down":       {query: store.Query{Sort: []store.SortKey{{Path: "ttl", Descending: true}}}, want: "c/blue a b a/blue"},
		"sort twice":      {query: store.Query{Sort: []store.SortKey{{Path: "created_by"}, {Path: "name", Descending: true}}}, want: "a/blue c/blue a b"},
		"sort and page":   {query: store.Query{Sort: []store.SortKey{{Path: "name", Descending: true}}, Limit: 1}, want: "c/blue", total: 4},
		"search":          {query: search("", "AMKO-1"), want: ""},
		"isearch":         {query: searchFold("", "AMKO-1"), want: "a c/blue"},
		"search a field":  {query: search("created_by", "2"), want: "b"},
		"search or":       {query: store.Query{Search: []store.SearchTerm{{Path: "name", Text: "b"}, {Path: "ttl", Text: "100"}}}, want: "b c/blue"},
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			page, total := s.List("gslbservice", tc.query)
			var names []string
			for _, o := range page {
				n := o.Name
				if o.Tenant != "admin" {
					n += "/" + o.Tenant
				}
				names = append(names, n)
			}
			g.Expect(strings.Join(names, " ")).To(Equal(tc.want))
			g.Expect(total).To(Equal(max(tc.total, len(names))))
		})
	}
	g := NewWithT(t)
	page, _ := s.List("healthmonitor", store.Query{ReferredBy: store.Target{Type: "gslbservice", UUID: a.UUID}})
	g.Expect(page).To(ConsistOf(hm))
	page, total := s.List("nosuchtype", store.Query{})
	g.Expect(page).To(BeEmpty())
	g.Expect(total).To(BeZero())
}

func where(path string, m store.Match, values ...string) store.Query {
	return store.Query{Where: []store.Condition{{Path: path, Match: m, Values: values}}}
}

func search(path, text string) store.Query {
	return store.Query{Search: []store.SearchTerm{{Path: path, Text: text}}}
}

func searchFold(path, text string) store.Query {
	return store.Query{Search: []store.SearchTerm{{Path: path, Text: text, Fold: true}}}
}

func TestSecretsAreNotFound(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	create(t, s, "user", body{"name": "u", "password": "hunter2"})
	create(t, s, "gslb", body{"name": "Default", "leader_cluster_uuid": "c",
		"sites": []any{body{"name": "s", "cluster_uuid": "c", "username": "u", "password": "hunter2"}}})
	for _, tc := range []struct {
		typ   string
		query store.Query
	}{
		{"user", where("password", store.Equal, "hunter2")}, {"user", where("password", store.NotEqual, "x")},
		{"user", search("", "hunter2")}, {"user", store.Query{Sort: []store.SortKey{{Path: "password"}}}},
		{"gslb", where("sites.password", store.Contains, "h")}, {"gslb", search("", "hunter2")}, {"gslb", search("sites.password", "hunter2")},
	} {
		page, total := s.List(tc.typ, tc.query)
		g.Expect(page).To(BeEmpty())
		g.Expect(total).To(BeZero())
	}
	page, _ := s.List("gslb", search("", "Default"))
	g.Expect(page).To(HaveLen(1))
}

// Pages of a long list are of one state of the store: a change between them is seen.
func TestPagesOfLongLists(t *testing.T) {
	g := NewWithT(t)
	s := newStore()
	for i := range 1200 {
		create(t, s, "pool", body{"name": fmt.Sprintf("p%04d", i), "description": fmt.Sprint("d", i%2)})
	}
	q := where("description", store.Equal, "d1")
	q.Limit = 100
	for q.Offset = 0; q.Offset < 600; q.Offset += 100 {
		page, total := s.List("pool", q)
		g.Expect(total).To(Equal(600))
		g.Expect(page[0].Name).To(Equal(fmt.Sprintf("p%04d", 2*q.Offset+1)))
	}
	q.Offset = 0
	_, total := s.List("pool", where("description", store.Equal, "d0"))
	g.Expect(total).To(Equal(600), "another query")
	first, _ := s.List("pool", q)
	_, err := s.Delete("pool", first[0].UUID)
	g.Expect(err).NotTo(HaveOccurred())
	page, total := s.List("pool", q)
	g.Expect(total).To(Equal(599))
	g.Expect(page[0].Name).To(Equal("p0003"))
	q.Sort = []store.SortKey{{Path: "name", Descending: true}}
	page, _ = s.List("pool", q)
	g.Expect(page[0].Name).To(Equal("p1199"))
}
