package model_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/model"
)

func TestParseSource(t *testing.T) {
	tests := map[string]struct {
		text string
		want model.Source
		err  string
	}{
		"ingress":      {"INGRESS/east/web/shop/shop.example.com", model.Source{Kind: model.Ingress, Cluster: "east", Namespace: "web", Name: "shop", Host: "shop.example.com"}, ""},
		"service":      {"LBSVC/east/web/shop", model.Source{Kind: model.LoadBalancer, Cluster: "east", Namespace: "web", Name: "shop"}, ""},
		"route":        {"ROUTE/east/web/shop", model.Source{Kind: model.Route, Cluster: "east", Namespace: "web", Name: "shop"}, ""},
		"multicluster": {"MCI/east/web/shop/h", model.Source{Kind: model.MultiCluster, Cluster: "east", Namespace: "web", Name: "shop", Host: "h"}, ""},
		"arn":          {"INGRESS/arn:aws:eks:eu:1:cluster/east/web/shop/h", model.Source{Kind: model.Ingress, Cluster: "arn:aws:eks:eu:1:cluster/east", Namespace: "web", Name: "shop", Host: "h"}, ""},
		"kind":         {"POD/east/web/shop", model.Source{}, "unknown kind"},
		"short":        {"INGRESS/web/shop/h", model.Source{}, "needs cluster"},
		"empty":        {"", model.Source{}, "unknown kind"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := model.ParseSource(tt.text)
			if tt.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(tt.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tt.want))
			g.Expect(got.String()).To(Equal(tt.text))
		})
	}
}

func TestParseRef(t *testing.T) {
	tests := map[string]model.Ref{
		"https://10.0.0.1/api/healthmonitor/healthmonitor-1#mine": {UUID: "healthmonitor-1", Name: "mine"},
		"https://10.0.0.1/api/healthmonitor/healthmonitor-1":      {UUID: "healthmonitor-1"},
		"/api/healthmonitor/healthmonitor-1":                      {UUID: "healthmonitor-1"},
		"/api/healthmonitor?name=my monitor":                      {Name: "my monitor"},
		"https:///api/tenant/?name=admin":                         {Name: "admin"},
		"":                                                        {},
	}
	for text, want := range tests {
		NewWithT(t).Expect(model.ParseRef(text)).To(Equal(want), text)
	}
}

func TestRepliesWithoutNamesAreUnderstood(t *testing.T) {
	g := NewWithT(t)
	s, err := model.ParseService([]byte(`{"uuid":"gslbservice-1","name":"shop.example.com",
		"tenant_ref":"https://h/api/tenant/tenant-7","health_monitor_refs":["https://h/api/healthmonitor/healthmonitor-1"]}`), "blue")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Key.Tenant).To(Equal("blue"))
	s.NameRefs([]string{"amko--one", "amko--two"})
	g.Expect(s.Monitors[0].Name).To(BeEmpty(), "names of another write are not used")
	s.NameRefs([]string{"amko--one"})
	g.Expect(s.Monitors[0].Name).To(Equal("amko--one"))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"uuid":"u","name":"n","groups":[{"priority":10,"members":[{"ip":{"addr":"10.0.0.1"}}]}],"markers":[{"key":"created-by"}]}`))
	f.Add([]byte(`{"uuid":"u","name":"n","groups":[{"priority":10.5}],"description":"INGRESS/a/b/c/d,LBSVC"}`))
	f.Add([]byte(`{"uuid":"u","name":"n","description":", gsname: x, path: /, protocol: ","http_monitor":null,"type":"HEALTH_MONITOR_HTTP"}`))
	f.Add([]byte(`{"uuid":"u","name":"n","markers":[null],"groups":[null,{"members":[null]}],"down_response":[]}`))
	want := shop()
	monitor := model.PathMonitor(want.Key, want.CreatedBy, "/", false)
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := model.ParseService(body, "t"); err == nil {
			if updated, _, err := want.Update(s); err == nil && updated != nil {
				s, err := model.ParseService(updated, "t")
				if err != nil {
					t.Fatalf("the update of %q cannot be read: %v", body, err)
				}
				s.NameRefs(want.Monitors)
				if _, differ, _ := want.Update(s); len(differ) > 0 {
					t.Fatalf("the update of %q still differs in %v", body, differ)
				}
			}
		}
		if m, err := model.ParseMonitor(body, "t"); err == nil && m.Probe == monitor.Probe {
			_, _, _ = monitor.Update(m)
		}
	})
}
