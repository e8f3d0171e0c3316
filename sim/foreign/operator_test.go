package foreign_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/fakeavi/live"
)

func TestMain(m *testing.M) { avitest.Main(m) }

// patience is how long a change may take to reach the controller: AMKO's queues and rate limits included.
const patience = 30 * time.Second

// TestForeignOperator gives the operator that the variable OPERATOR names a world as AMKO's chart makes it, and watches it
// boot, create, update and delete on a controller.
func TestForeignOperator(t *testing.T) {
	program := os.Getenv("OPERATOR")
	if program == "" {
		t.Skip("set OPERATOR to the path of an AMKO binary: OPERATOR=path make conformance-operator")
	}
	g := NewWithT(t)
	w := newWorld(t)
	w.configure()
	w.startOperator(program)

	t.Log("boots, and is accepted")
	g.Eventually(func() string { return w.field("amko.vmware.com/v1alpha1", "GSLBConfig", "gc-1", "status", "state") }).
		WithTimeout(patience).Should(Equal("success: gslb config accepted"))
	g.Expect(w.field("amko.vmware.com/v1alpha2", "GlobalDeploymentPolicy", "global-gdp", "status", "errorStatus")).To(Equal("success"))

	t.Log("creates")
	w.apply("cluster1", w.ingress("cluster1", "10.10.1.1"))
	g.Eventually(w.service).WithTimeout(patience).Should(Equal("10.10.1.1*1"))
	first := w.find()
	g.Expect(first.HealthMonitorRefs).To(HaveLen(1))
	g.Expect(*first.CreatedBy).To(HavePrefix("amko-"))

	t.Log("updates: a second cluster, then a weight")
	w.apply("cluster2", w.ingress("cluster2", "10.10.2.1"))
	g.Eventually(w.service).WithTimeout(patience).Should(Equal("10.10.1.1*1 10.10.2.1*1"))
	w.apply("cluster1", policy(`{trafficSplit: [{cluster: cluster1, weight: 7}, {cluster: cluster2, weight: 3}]}`))
	g.Eventually(w.service).WithTimeout(patience).Should(Equal("10.10.1.1*7 10.10.2.1*3"))
	g.Expect(*w.find().UUID).To(Equal(*first.UUID), "the service was changed, not made anew")

	t.Log("deletes: one member, then the service and its monitor")
	w.remove("cluster1", "networking.k8s.io/v1", "Ingress", "default", "app")
	g.Eventually(w.service).WithTimeout(patience).Should(Equal("10.10.2.1*3"))
	w.remove("cluster2", "networking.k8s.io/v1", "Ingress", "default", "app")
	g.Eventually(w.service).WithTimeout(patience).Should(BeEmpty())
	g.Eventually(w.monitors).WithTimeout(patience).Should(BeEmpty())
}

const host = "app.gslb.example"

// find returns the GSLB service as the controller shows it; nil if there is none.
func (w *world) find() *models.GslbService {
	all, err := w.avi.Client.GslbService.GetAll()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range all {
		if *s.Name == host {
			return s
		}
	}
	return nil
}

// service returns "address*ratio" of all members; empty if there is no service.
func (w *world) service() string {
	s := w.find()
	if s == nil {
		return ""
	}
	found := map[string]string{}
	for _, p := range s.Groups {
		for _, m := range p.Members {
			found[*m.IP.Addr] = fmt.Sprintf("%s*%d", *m.IP.Addr, *m.Ratio)
		}
	}
	var out []string
	for _, addr := range []string{"10.10.1.1", "10.10.2.1"} {
		if found[addr] != "" {
			out = append(out, found[addr])
		}
	}
	return strings.Join(out, " ")
}

// monitors returns the names of the health monitors that the operator has made.
func (w *world) monitors() (names []string) {
	all, err := w.avi.Client.HealthMonitor.GetAll()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		for _, mark := range m.Markers {
			if mark.Key != nil && *mark.Key == "created-by" {
				names = append(names, *m.Name)
			}
		}
	}
	return names
}

// configure makes what AMKO's chart makes.
func (w *world) configure() {
	for _, name := range clusters {
		w.apply(name, `
apiVersion: amko.vmware.com/v1alpha1
kind: AMKOCluster
metadata: {name: amkocluster-federation, namespace: avi-system}
spec: {clusterContext: `+name+`, isLeader: `+fmt.Sprint(name == clusters[0])+`, version: 2.2.1, clusters: [`+strings.Join(clusters, ", ")+`]}`)
	}
	w.apply("cluster1", `
apiVersion: v1
kind: Secret
metadata: {name: gslb-avi-secret, namespace: avi-system}
stringData: {username: `+live.DefaultUsername+`, password: `+live.DefaultPassword+`}`)
	w.apply("cluster1", policy(""))
	w.apply("cluster1", `
apiVersion: amko.vmware.com/v1alpha1
kind: GSLBConfig
metadata: {name: gc-1, namespace: avi-system}
spec:
  gslbLeader: {credentials: gslb-avi-secret, controllerVersion: `+w.avi.Leader.Version()+`, controllerIP: "`+w.avi.Leader.Listen.String()+`"}
  memberClusters: [{clusterContext: cluster1}, {clusterContext: cluster2}, {clusterContext: cluster3}]
  refreshInterval: 60
  logLevel: INFO`)
}

// policy is the GlobalDeploymentPolicy, with more fields as a flow mapping.
func policy(more string) string {
	text := `
apiVersion: amko.vmware.com/v1alpha2
kind: GlobalDeploymentPolicy
metadata: {name: global-gdp, namespace: avi-system}
spec:
  matchRules: {appSelector: {label: {gslb: "yes"}}}
  matchClusters: [{cluster: cluster1}, {cluster: cluster2}, {cluster: cluster3}]`
	if more != "" {
		text += "\n  " + strings.TrimSuffix(strings.TrimPrefix(more, "{"), "}")
	}
	return text
}

// ingress is one that AKO has given a VIP.
func (w *world) ingress(cluster, vip string) string {
	return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  namespace: default
  labels: {gslb: "yes"}
  annotations:
    ako.vmware.com/host-fqdn-vs-uuid-map: '{"` + host + `":"virtualservice-00000000-0000-4000-8000-` + strings.Repeat(cluster[7:], 12) + `"}'
    ako.vmware.com/controller-cluster-uuid: ` + w.avi.Leader.ClusterUUID() + `
spec:
  rules:
  - host: ` + host + `
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}]}
status:
  loadBalancer: {ingress: [{ip: ` + vip + `, hostname: ` + host + `}]}`
}
