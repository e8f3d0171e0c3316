package ingest_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

const gateway = `
metadata: {namespace: infra, name: edge}
spec: {listeners: [
  {name: web, protocol: HTTP, port: 80, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}},
  {name: secure, protocol: HTTPS, port: 443, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}},
  {name: odd, protocol: HTTP, port: 8080, hostname: odd.example.org, allowedRoutes: {namespaces: {from: Selector}}},
  {name: own, protocol: HTTP, port: 80, hostname: own.example.net},
  {name: pass, protocol: TLS, port: 443, tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}},
  {name: end, protocol: TLS, port: 8443, tls: {mode: Terminate}, hostname: end.example.com, allowedRoutes: {namespaces: {from: All}}},
  {name: tcp, protocol: TCP, port: 5432, hostname: db.example.com, allowedRoutes: {namespaces: {from: All}}}]}
status: {addresses: [{type: Hostname, value: lb.example.com}, {type: IPAddress, value: 10.1.0.1}, {value: 10.1.0.2}]}
`

// accepted is a route in namespace web that its parents have accepted.
func accepted(spec string, parents ...string) string {
	statuses := make([]string, len(parents))
	for i, p := range parents {
		statuses[i] = "{parentRef: " + p + ", conditions: [{type: ResolvedRefs, status: 'False'}, {type: Accepted, status: 'True'}]}"
	}
	return "metadata: {namespace: web, name: shop}\nspec: {parentRefs: [" + strings.Join(parents, ", ") + "], " + spec +
		"}\nstatus: {parents: [" + strings.Join(statuses, ", ") + "]}"
}

// Shows: source-gateway-http, source-gateway-tls, source-gateway-tcp
func TestRoutesOfGateways(t *testing.T) {
	const edge = "{namespace: infra, name: edge}"
	const http, tls, tcp = model.HTTPRoute, model.TLSRoute, model.TCPRoute
	listener := func(name string) string { return "{namespace: infra, name: edge, sectionName: " + name + "}" }
	for name, tt := range map[string]struct {
		kind model.Kind
		text string
		want []string
	}{
		"HTTP and HTTPS are served": {http, accepted("hostnames: [a.example.com]", edge),
			[]string{"HTTPROUTE/east/web/shop/a.example.com 10.1.0.1 TLS /"}},
		"the listener that is named": {http, accepted("hostnames: [a.example.com]", listener("web")),
			[]string{"HTTPROUTE/east/web/shop/a.example.com 10.1.0.1 /"}},
		"two listeners that are named": {http, accepted("hostnames: [a.example.com]", listener("web"), listener("secure")),
			[]string{"HTTPROUTE/east/web/shop/a.example.com 10.1.0.1 TLS /"}},
		"the listener's host": {http, accepted("hostnames: []", listener("odd")),
			[]string{"HTTPROUTE/east/web/shop/odd.example.org 10.1.0.1 / on 8080"}},
		"the listener's host within a wildcard": {http, accepted("hostnames: ['*.example.org']", "{namespace: infra, name: edge, port: 8080}"),
			[]string{"HTTPROUTE/east/web/shop/odd.example.org 10.1.0.1 / on 8080"}},
		"hosts that no listener takes, and wildcards": {http, accepted("hostnames: [a.example.net, '*.example.com', example.com]", edge), []string{}},
		"several hosts and paths": {http, accepted(`hostnames: [b.example.com, a.b.example.com], rules: [
			{matches: [{path: {type: PathPrefix, value: /x}}, {path: {type: RegularExpression, value: "/[a-z]"}}]}, {}]`, listener("web")), []string{
			"HTTPROUTE/east/web/shop/b.example.com 10.1.0.1 /x /", "HTTPROUTE/east/web/shop/a.b.example.com 10.1.0.1 /x /"}},
		"a listener for its own namespace": {http, accepted("hostnames: [own.example.net]", listener("own")), []string{}},
		"no such Gateway":                  {http, accepted("hostnames: [a.example.com]", "{name: edge}"), []string{}},
		"not a Gateway":                    {http, accepted("hostnames: [a.example.com]", "{namespace: infra, name: edge, group: '', kind: Service}"), []string{}},
		"not accepted":                     {http, strings.Replace(accepted("hostnames: [a.example.com]", edge), "Accepted, status: 'True'", "Accepted, status: 'False'", 1), []string{}},
		"accepted, but not named any more": {http, strings.Replace(accepted("hostnames: [a.example.com]", edge), "parentRefs: ["+edge+"]", "parentRefs: []", 1), []string{}},
		"notes on the route": {http, strings.Replace(accepted("hostnames: [a.example.com]", edge), "name: shop}", `name: shop, annotations:
			{ako.vmware.com/host-fqdn-vs-uuid-map: '{"a.example.com":"vs-a"}', ako.vmware.com/controller-cluster-uuid: cluster-1}}`, 1),
			[]string{"HTTPROUTE/east/web/shop/a.example.com 10.1.0.1 vs vs-a of cluster-1 TLS /"}},
		"TLS passed through": {tls, accepted("hostnames: [a.example.com]", listener("pass")),
			[]string{"TLSROUTE/east/web/shop/a.example.com 10.1.0.1 passthrough"}},
		"TLS terminated": {tls, accepted("hostnames: [end.example.com]", listener("end")),
			[]string{"TLSROUTE/east/web/shop/end.example.com 10.1.0.1 TCP 8443"}},
		"TCP has the listener's host": {tcp, accepted("rules: []", listener("tcp")),
			[]string{"TCPROUTE/east/web/shop/db.example.com 10.1.0.1 TCP 5432"}},
		"TCP of a listener without host": {tcp, accepted("rules: []", listener("pass")), []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			join, key := ingest.NewGateways("east"), ingest.Object{Cluster: "east", Kind: tt.kind, Namespace: "web", Name: "shop"}
			gw, err := ingest.FromGateway("east", untyped(t, gateway))
			g.Expect(err).NotTo(HaveOccurred())
			route, err := ingest.FromGatewayRoute(tt.kind, "east", untyped(t, tt.text))
			g.Expect(err).NotTo(HaveOccurred())
			join.SetGateway("infra", "edge", gw)
			join.SetRoute(key, route)
			g.Expect(lines(join.Candidates(key))).To(Equal(tt.want))
			join.SetRoute(key, nil)
			g.Expect(join.Candidates(key)).To(BeEmpty())
		})
	}
}

// Shows: source-dual-stack
func TestAGatewayWithAddressesOfBothFamilies(t *testing.T) {
	g := NewWithT(t)
	join, key := ingest.NewGateways("east"), ingest.Object{Cluster: "east", Kind: model.HTTPRoute, Namespace: "web", Name: "shop"}
	gw, err := ingest.FromGateway("east", untyped(t, strings.Replace(gateway, "{value: 10.1.0.2}", "{value: '2001:db8::1'}", 1)))
	g.Expect(err).NotTo(HaveOccurred())
	route, err := ingest.FromGatewayRoute(model.HTTPRoute, "east", untyped(t, accepted("hostnames: [a.example.com]", "{namespace: infra, name: edge}")))
	g.Expect(err).NotTo(HaveOccurred())
	join.SetRoute(key, route)
	g.Expect(join.SetGateway("infra", "edge", gw)).To(Equal([]ingest.Object{key}), "the routes of a Gateway change with it")
	g.Expect(lines(join.Candidates(key))).To(Equal([]string{
		"HTTPROUTE/east/web/shop/a.example.com 10.1.0.1 TLS /", "HTTPROUTE/east/web/shop/a.example.com 2001:db8::1 TLS /",
	}))
	g.Expect(join.SetGateway("infra", "edge", nil)).To(Equal([]ingest.Object{key}))
	g.Expect(join.Candidates(key)).To(BeEmpty())
}

func TestObjectsThatAreNoGatewayObjects(t *testing.T) {
	g := NewWithT(t)
	_, err := ingest.FromGateway("east", untyped(t, "metadata: {namespace: a, name: b}\nspec: 7"))
	g.Expect(err).To(MatchError(ContainSubstring("gateway a/b of cluster east")))
	_, err = ingest.FromGatewayRoute(model.TCPRoute, "east", untyped(t, "kind: TCPRoute\nmetadata: {namespace: a, name: b}\nspec: 7"))
	g.Expect(err).To(MatchError(ContainSubstring("TCPRoute a/b of cluster east")))
}

// Whatever order Gateways and routes come, change and go in, each route ends with the same candidates.
func TestTheJoinDoesNotDependOnOrder(t *testing.T) {
	parse := func(g Gomega, text string) *ingest.Gateway {
		gw, err := ingest.FromGateway("east", untyped(t, text))
		g.Expect(err).NotTo(HaveOccurred())
		return gw
	}
	for seed := range uint64(50) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 1))
		other := strings.ReplaceAll(strings.Replace(gateway, "name: edge", "name: other", 1), "10.1.0.1", "10.1.0.7")
		gws := map[string]*ingest.Gateway{"edge": parse(g, gateway), "other": parse(g, other)}
		var routes []*ingest.GatewayRoute
		for _, refs := range [][]string{{"{namespace: infra, name: edge}"}, {"{namespace: infra, name: other}", "{namespace: infra, name: edge}"}, {"{name: edge}"}} {
			r, err := ingest.FromGatewayRoute(model.HTTPRoute, "east", untyped(t, accepted("hostnames: [a.example.com]", refs...)))
			g.Expect(err).NotTo(HaveOccurred())
			routes = append(routes, r)
		}
		key := ingest.Object{Cluster: "east", Kind: model.HTTPRoute, Namespace: "web", Name: "shop"}
		lived, shown := ingest.NewGateways("east"), []ingest.Candidate(nil)
		present := map[string]*ingest.Gateway{}
		var route *ingest.GatewayRoute
		for range 30 {
			switch name := []string{"edge", "other"}[random.IntN(2)]; random.IntN(3) {
			case 0:
				route = nil
				if i := random.IntN(len(routes) + 1); i < len(routes) {
					route = routes[i]
				}
				lived.SetRoute(key, route)
				shown = lived.Candidates(key)
			case 1:
				present[name] = gws[name]
			default:
				delete(present, name)
			}
			for name := range gws {
				for _, touched := range lived.SetGateway("infra", name, present[name]) {
					shown = lived.Candidates(touched)
				}
			}
		}
		fresh := ingest.NewGateways("east")
		fresh.SetRoute(key, route)
		for name, gw := range present {
			fresh.SetGateway("infra", name, gw)
		}
		g.Expect(lines(shown)).To(Equal(lines(fresh.Candidates(key))), "what was told is what holds, seed %d", seed)
	}
}
