package ingest

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gslbsim/gslbsim/operator/model"
)

// route is what counts of an OpenShift Route. The operator does not depend on OpenShift's Go types.
type route struct {
	Spec struct {
		Host      string `json:"host"`
		Subdomain string `json:"subdomain"`
		Path      string `json:"path"`
		TLS       *struct {
			Termination string `json:"termination"`
		} `json:"tls"`
	} `json:"spec"`
	Status struct {
		Ingress []routeIngress `json:"ingress"`
	} `json:"status"`
}

type routeIngress struct {
	Host       string `json:"host"`
	RouterName string `json:"routerName"`
	Conditions []struct {
		Reason  string `json:"reason"`
		Message string `json:"message"`
	} `json:"conditions"`
}

// FromRoute returns the candidate of a Route that AKO serves: the status entry of a router named "ako-..." whose host is
// the Route's, with a condition whose message is the VIP, or one of each family. A Route that has a subdomain instead of a host gives one
// candidate for each host of such entries; the policy's default domain says which of them counts. The error says that the
// object is not shaped like a Route.
func FromRoute(cluster string, obj *unstructured.Unstructured) ([]Candidate, error) {
	var r route
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, &r); err != nil {
		return nil, fmt.Errorf("route %s/%s of cluster %s: %w", obj.GetNamespace(), obj.GetName(), cluster, err)
	}
	var candidates []Candidate
	seen := map[string]bool{}
	for _, entry := range r.Status.Ingress {
		if !strings.HasPrefix(entry.RouterName, "ako-") || entry.Host == "" || seen[entry.Host] {
			continue
		}
		if r.Spec.Host != "" && entry.Host != r.Spec.Host {
			continue
		}
		found := entry.addresses().candidates(r.candidate(cluster, obj, entry.Host, routeNotes(obj, entry.reason())))
		seen[entry.Host] = len(found) > 0
		candidates = append(candidates, found...)
	}
	return candidates, nil
}

func (r route) candidate(cluster string, obj *unstructured.Unstructured, host string, ako notes) Candidate {
	c := Candidate{
		Source: model.Source{
			Kind: model.Route, Cluster: cluster, Namespace: obj.GetNamespace(), Name: obj.GetName(), Host: host,
		},
		VirtualService: ako.virtualServices[host], Controller: ako.controller, Tenant: ako.tenant,
		Labels: LabelsOf(obj.GetLabels()),
	}
	if r.Spec.Host == "" {
		c.Subdomain = r.Spec.Subdomain
	}
	if r.Spec.TLS != nil && r.Spec.TLS.Termination == "passthrough" {
		c.Passthrough = true
		return c
	}
	c.TLS, c.Paths = r.Spec.TLS != nil, cleanPaths([]string{r.Spec.Path})
	return c
}

// addresses are those among the condition messages.
func (i routeIngress) addresses() families {
	var f families
	for _, condition := range i.Conditions {
		f.add(condition.Message)
	}
	return f
}

// reason is that of the first condition, where AKO puts its notes.
func (i routeIngress) reason() string {
	if len(i.Conditions) == 0 {
		return ""
	}
	return i.Conditions[0].Reason
}

// routeNotes reads AKO's notes from the reason of a condition; if they are not there or not complete, from annotations.
func routeNotes(obj *unstructured.Unstructured, reason string) notes {
	var inReason map[string]string
	if json.Unmarshal([]byte(reason), &inReason) == nil {
		if n := readNotes(inReason); n.controller != "" && len(n.virtualServices) > 0 {
			return n
		}
	}
	return readNotes(obj.GetAnnotations())
}
