package ingest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/ingest"
)

const ingressHead = `
metadata:
  {namespace: web, name: shop, annotations: {ako.vmware.com/host-fqdn-vs-uuid-map: '{"a.example.com":"vs-a","b.example.com":"vs-b"}',
  ako.vmware.com/controller-cluster-uuid: cluster-1, ako.vmware.com/tenant-name: blue}}
`

// Shows: source-ingress, source-dual-stack, source-notes, tls-signals
func TestIngresses(t *testing.T) {
	const rules = ingressHead + `
spec: {rules: [{host: a.example.com, http: {paths: [{path: /x}, {path: /y}, {path: /x}, {}]}}, {host: b.example.com},
  {host: a.example.com, http: {paths: [{path: /second}]}}], tls: [{hosts: [b.example.com]}]}
status: {loadBalancer: {ingress: [`
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"no status": {rules + "]}}", []string{}},
		"one member a host": {rules + "{ip: 10.1.0.1, hostname: a.example.com}, {ip: 10.1.0.2, hostname: b.example.com}]}}", []string{
			"INGRESS/east/web/shop/a.example.com 10.1.0.1 vs vs-a of cluster-1 tenant blue /x /y /",
			"INGRESS/east/web/shop/b.example.com 10.1.0.2 vs vs-b of cluster-1 tenant blue TLS /",
		}},
		"one status entry": {rules + "{ip: 10.1.0.1, hostname: b.example.com}]}}",
			[]string{"INGRESS/east/web/shop/b.example.com 10.1.0.1 vs vs-b of cluster-1 tenant blue TLS /"}},
		"a host that no rule has": {rules + "{ip: 10.1.0.1, hostname: c.example.com}]}}", []string{}},
		"no host name":            {rules + "{ip: 10.1.0.1}]}}", []string{}},
		"no address":              {rules + "{hostname: a.example.com}, {ip: nonsense, hostname: b.example.com}]}}", []string{}},
		"dual stack": {rules + `{ip: "2001:db8::1", hostname: b.example.com}, {ip: 10.1.0.1, hostname: b.example.com},
			{ip: 10.1.0.9, hostname: b.example.com}]}}`, []string{
			"INGRESS/east/web/shop/b.example.com 10.1.0.1 vs vs-b of cluster-1 tenant blue TLS /",
			"INGRESS/east/web/shop/b.example.com 2001:db8::1 vs vs-b of cluster-1 tenant blue TLS /",
		}},
		"no notes, TLS by annotation whatever its value": {`
metadata: {namespace: web, name: shop, annotations: {ako.vmware.com/enable-tls: "false", ako.vmware.com/host-fqdn-vs-uuid-map: "{"}}
spec: {rules: [{host: a.example.com}]}
status: {loadBalancer: {ingress: [{ip: 10.1.0.1, hostname: a.example.com}]}}`, []string{"INGRESS/east/web/shop/a.example.com 10.1.0.1 TLS /"}},
		"passthrough": {`
metadata: {namespace: web, name: shop, annotations: {passthrough.ako.vmware.com/enabled: "true"}}
spec: {rules: [{host: a.example.com}]}
status: {loadBalancer: {ingress: [{ip: 10.1.0.1, hostname: a.example.com}]}}`, []string{"INGRESS/east/web/shop/a.example.com 10.1.0.1 / unmappable"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ingest.FromIngress("east", read[networkingv1.Ingress](t, tt.text))
			NewWithT(t).Expect(lines(got)).To(Equal(tt.want))
		})
	}
}

// Shows: source-service, source-dual-stack, monitor-service, B21
func TestServices(t *testing.T) {
	const head = ingressHead + "spec: {type: LoadBalancer, ports: "
	const status = "}\nstatus: {loadBalancer: {ingress: [{ip: 10.1.0.1, hostname: a.example.com}]}}"
	const member = "LBSVC/east/web/shop a.example.com 10.1.0.1 vs vs-a of cluster-1 tenant blue "
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"smallest port":         {head + "[{port: 8443}, {port: 53, protocol: UDP}, {port: 80}]" + status, []string{member + "UDP 53"}},
		"TCP before UDP":        {head + "[{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]" + status, []string{member + "TCP 53"}},
		"another protocol":      {head + "[{port: 9000, protocol: SCTP}, {port: 80}]" + status, []string{member + "TCP 9000"}},
		"no ports":              {head + "[]" + status, []string{}},
		"another type":          {ingressHead + "spec: {type: ClusterIP, ports: [{port: 80}]" + status, []string{}},
		"no status":             {head + "[{port: 80}]}", []string{}},
		"first without a name":  {head + "[{port: 80}]}\nstatus: {loadBalancer: {ingress: [{ip: 10.1.0.1}, {ip: 10.1.0.2, hostname: a.example.com}]}}", []string{}},
		"further names":         {head + "[{port: 80}]}\nstatus: {loadBalancer: {ingress: [{ip: 10.1.0.1, hostname: a.example.com}, {ip: 10.1.0.2, hostname: b.example.com}]}}", []string{member + "TCP 80"}},
		"an address as a name":  {head + "[{port: 80}]}\nstatus: {loadBalancer: {ingress: [{ip: fe80::1%eth0, hostname: a.example.com}]}}", []string{}},
		"dual stack, IPv6 only": {head + "[{port: 80}]}\nstatus: {loadBalancer: {ingress: [{ip: '2001:db8::1', hostname: a.example.com}]}}", []string{"LBSVC/east/web/shop a.example.com 2001:db8::1 vs vs-a of cluster-1 tenant blue TCP 80"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ingest.FromService("east", read[corev1.Service](t, tt.text))
			NewWithT(t).Expect(lines(got)).To(Equal(tt.want))
		})
	}
}

// Shows: source-route, source-route-passthrough, source-route-subdomain, source-notes
func TestRoutes(t *testing.T) {
	const meta = "metadata: {namespace: web, name: shop, annotations: {ako.vmware.com/controller-cluster-uuid: annotated}}\n"
	const admitted = `
status: {ingress: [
  {host: a.example.com, routerName: default, conditions: [{message: 10.9.9.9}]},
  {host: a.example.com, routerName: ako-east, conditions: [{type: Admitted, message: 10.1.0.1,
   reason: '{"ako.vmware.com/host-fqdn-vs-uuid-map":"{\"a.example.com\":\"vs-a\"}","ako.vmware.com/controller-cluster-uuid":"cluster-1"}'}]}]}`
	const member = "ROUTE/east/web/shop a.example.com 10.1.0.1 vs vs-a of cluster-1 "
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"plain":         {meta + "spec: {host: a.example.com}" + admitted, []string{member + "/"}},
		"edge":          {meta + "spec: {host: a.example.com, path: /shop, tls: {termination: edge}}" + admitted, []string{member + "TLS /shop"}},
		"re-encrypted":  {meta + "spec: {host: a.example.com, tls: {termination: reencrypt}}" + admitted, []string{member + "TLS /"}},
		"passthrough":   {meta + "spec: {host: a.example.com, tls: {termination: passthrough}}" + admitted, []string{member + "passthrough"}},
		"another host":  {meta + "spec: {host: b.example.com}" + admitted, []string{}},
		"subdomain":     {meta + "spec: {subdomain: a}" + admitted, []string{member + "/ subdomain a"}},
		"other routers": {meta + "spec: {host: a.example.com}\nstatus: {ingress: [{host: a.example.com, routerName: default, conditions: [{message: 10.1.0.1}]}]}", []string{}},
		"no address yet": {meta + "spec: {host: a.example.com}\nstatus: {ingress: [{host: a.example.com, routerName: ako-x, conditions: [{message: pending}]}," +
			"{host: a.example.com, routerName: ako-y}]}", []string{}},
		"notes in annotations": {meta + "spec: {host: a.example.com}\nstatus: {ingress: [{host: a.example.com, routerName: ako-x, conditions: [{message: pending}, {message: 10.1.0.1}]}]}",
			[]string{"ROUTE/east/web/shop a.example.com 10.1.0.1 of annotated /"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ingest.FromRoute("east", untyped(t, tt.text))
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(lines(got)).To(Equal(tt.want))
		})
	}
	_, err := ingest.FromRoute("east", untyped(t, meta+"spec: 7"))
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("route web/shop of cluster east")))
}

// Shows: source-mci, source-dual-stack
func TestMultiClusterIngresses(t *testing.T) {
	const head = ingressHead + `
spec: {hostName: a.example.com, config: [{path: /x, cluster: east}, {path: /y, cluster: west}, {path: /x, cluster: west}]}
status: {loadBalancer: {ingress: [`
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"first entry": {head + "{ip: 10.1.0.1, hostname: a.example.com}, {ip: 10.1.0.2, hostname: b.example.com}]}}",
			[]string{"MCI/east/web/shop/a.example.com 10.1.0.1 vs vs-a of cluster-1 tenant blue /x /y"}},
		"no VIP yet":   {head + "]}}", []string{}},
		"no host name": {head + "{ip: 10.1.0.1}]}}", []string{}},
		"dual stack, TLS": {`
metadata: {namespace: avi-system, name: m}
spec: {hostName: a.example.com, secretName: cert, config: [{cluster: east}]}
status: {loadBalancer: {ingress: [{ip: 10.1.0.1, hostname: a.example.com}, {ip: "2001:db8::1", hostname: a.example.com}]}}`, []string{
			"MCI/east/avi-system/m/a.example.com 10.1.0.1 TLS /", "MCI/east/avi-system/m/a.example.com 2001:db8::1 TLS /"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ingest.FromMultiClusterIngress("east", read[akov1alpha1.MultiClusterIngress](t, tt.text))
			NewWithT(t).Expect(lines(got)).To(Equal(tt.want))
		})
	}
}
