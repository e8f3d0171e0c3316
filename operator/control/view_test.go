package control_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// services is what controller a serves, one line a service: "blue/shop.example.com[alias] 20:10.1.0.1*3,10.1.0.2*1 10:...",
// the tenant only if it is not admin.
func (w *world) services() []string {
	lines := []string{}
	for _, object := range w.avi().Objects("gslbservice") {
		var s struct {
			Name      string
			TenantRef string   `json:"tenant_ref"`
			Domains   []string `json:"domain_names"`
			Groups    []struct {
				Priority int
				Members  []struct {
					IP    struct{ Addr string }
					Ratio int
				}
			}
		}
		w.g.Expect(json.Unmarshal([]byte(object), &s)).To(Succeed())
		line := s.Name
		if tenant := s.TenantRef[strings.LastIndexByte(s.TenantRef, '#')+1:]; tenant != "admin" {
			line = tenant + "/" + line
		}
		if aliases := slices.DeleteFunc(s.Domains, func(d string) bool { return d == s.Name }); len(aliases) > 0 {
			line += "[" + strings.Join(aliases, " ") + "]"
		}
		for _, group := range s.Groups {
			var members []string
			for _, m := range group.Members {
				members = append(members, fmt.Sprintf("%s*%d", m.IP.Addr, m.Ratio))
			}
			line += fmt.Sprintf(" %d:%s", group.Priority, strings.Join(members, ","))
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// monitors are what the monitors of controller a probe: "shop.example.com HTTP:80 /".
func (w *world) monitors() []string {
	lines := []string{}
	for _, object := range w.avi().Objects("healthmonitor") {
		var m struct {
			Type, Description string
			Port              int `json:"monitor_port"`
		}
		w.g.Expect(json.Unmarshal([]byte(object), &m)).To(Succeed())
		_, service, _ := strings.Cut(m.Description, "gsname: ")
		service, rest, _ := strings.Cut(service, ",")
		_, path, _ := strings.Cut(rest, "path: ")
		path, _, _ = strings.Cut(path, ", protocol")
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s:%d %s", service, strings.TrimPrefix(m.Type, "HEALTH_MONITOR_"), m.Port, path)))
	}
	slices.Sort(lines)
	return lines
}

// field is a field of the service of an FQDN, as JSON; empty: absent.
func (w *world) field(fqdn, name string) string {
	for _, object := range w.avi().Objects("gslbservice") {
		s := map[string]any{}
		w.g.Expect(json.Unmarshal([]byte(object), &s)).To(Succeed())
		if s["name"] == fqdn && s[name] != nil {
			out, _ := json.Marshal(s[name])
			return string(out)
		}
	}
	return ""
}

func (w *world) configStatus() amkov1alpha1.GSLBConfigStatus {
	c := gslbConfig()
	w.own.Get(c)
	return c.Status
}

func (w *world) policyStatus(name string) amkov1alpha2.GDPStatus {
	p := gdp(nil)
	p.Name = name
	w.own.Get(p)
	return p.Status
}

func (w *world) ruleStatus(name string) amkov1alpha1.GSLBHostRuleStatus {
	r := rule(name, "", nil)
	w.own.Get(r)
	return r.Status
}

// condition is "True Reason: message" of a condition; empty: there is none.
func condition(conditions []metav1.Condition, kind string) string {
	c := meta.FindStatusCondition(conditions, kind)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message)
}
