package engine_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// shared is a parent with a shared VIP and two children, as AKO makes them.
func shared() []engine.VirtualService {
	parent := webVS()
	parent.UUID, parent.Name, parent.Pools = "virtualservice-parent", "shared", nil
	child := func(uuid, host, pool string) engine.VirtualService {
		return engine.VirtualService{
			UUID: uuid, Name: host, Kind: engine.KindHTTP, Enabled: true, TrafficEnabled: true, Parent: parent.UUID,
			Hosts: []engine.Host{{Name: host}}, Pools: []engine.Pool{{UUID: pool, Enabled: true, Ratio: 1}},
		}
	}
	shop := child("virtualservice-shop", "shop.example", "pool-shop")
	shop.Routes = []engine.Route{{
		Match: engine.PathBeginsWith, Paths: []string{"/cart"}, Pools: []engine.Pool{{UUID: "pool-cart", Enabled: true, Ratio: 1}},
	}}
	wild := child("virtualservice-any", "*.example", "pool-any")
	return []engine.VirtualService{parent, shop, wild}
}

func https(host, path string) engine.Request {
	return engine.Request{Host: host, Path: path, TLS: true}
}

func TestServe(t *testing.T) {
	l4 := engine.VirtualService{
		UUID: "virtualservice-l4", Name: "l4", Kind: engine.KindL4, Enabled: true, TrafficEnabled: true,
		VIPs: []netip.Addr{farVIP}, Listeners: []engine.Listener{{First: 6443, Last: 6450}},
		Pools: []engine.Pool{{UUID: "pool-l4", Enabled: true, Ratio: 1}},
	}
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.push(engine.Update{Full: true, VirtualServices: append(shared(), l4, dnsVS())})
		serve := func(dst netip.Addr, port uint16, p engine.Protocol, r engine.Request) engine.Reply {
			return w.e.Serve(dst, port, p, r)
		}
		answered := func(code int, vs, pool string) engine.Reply {
			return engine.Reply{Kind: engine.Answered, Code: code, VirtualService: vs, Pool: pool}
		}
		g.Expect(serve(farVIP2, 80, engine.TCP, engine.Request{}).Kind).To(Equal(engine.Silent), "nobody has the address")
		g.Expect(serve(webVIP, 8080, engine.TCP, engine.Request{}).Kind).To(Equal(engine.Refused), "nobody listens")
		g.Expect(serve(webVIP, 443, engine.UDP, engine.Request{}).Kind).To(Equal(engine.Refused), "other protocol")
		g.Expect(serve(webVIP, 0, engine.ICMP, engine.Request{}).Kind).To(Equal(engine.Answered), "ping")
		g.Expect(serve(webVIP, 443, engine.TCP, https("SHOP.example", "/"))).To(Equal(answered(200, "virtualservice-shop", "pool-shop")))
		g.Expect(serve(webVIP, 443, engine.TCP, https("shop.example", "/cart/1"))).To(Equal(answered(200, "virtualservice-shop", "pool-cart")))
		g.Expect(serve(webVIP, 443, engine.TCP, https("other.example", ""))).To(Equal(answered(200, "virtualservice-any", "pool-any")))
		g.Expect(serve(webVIP, 443, engine.TCP, https("a.b.example", ""))).To(Equal(answered(404, "virtualservice-parent", "")))
		g.Expect(serve(webVIP, 443, engine.TCP, engine.Request{Host: "shop.example"}).Code).To(Equal(400), "plain HTTP at a TLS port")
		g.Expect(serve(webVIP, 80, engine.TCP, https("shop.example", "/")).Kind).To(Equal(engine.Refused), "TLS at a plain port")
		g.Expect(serve(farVIP, 6445, engine.TCP, https("k8s", "/livez"))).To(Equal(answered(200, "virtualservice-l4", "pool-l4")))
		g.Expect(serve(dnsVIP, 53, engine.UDP, engine.Request{})).To(Equal(answered(0, "virtualservice-dns", "")))
	})
}

func TestAppsBehave(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.push(engine.Update{Full: true, VirtualServices: append(shared(), webVS())})
		get := func(host string) engine.Reply { return w.e.Serve(webVIP, 443, engine.TCP, https(host, "/")) }
		w.Now(func() {
			w.e.SetApp("pool-shop", engine.App{Code: 500, Body: "oops", Delay: time.Second})
			w.e.SetApp("pool-any", engine.App{Dead: true})
		})
		g.Expect(get("shop.example")).To(Equal(engine.Reply{
			Kind: engine.Answered, Code: 500, Body: "oops", Delay: time.Second, VirtualService: "virtualservice-shop", Pool: "pool-shop",
		}))
		g.Expect(get("other.example").Code).To(Equal(503))
		g.Expect(w.log).To(ContainElement(HaveSuffix("vs *.example OPER_DOWN")))
		w.log = nil
		w.Now(func() { w.e.SetApp("pool-any", engine.App{}) })
		g.Expect(get("other.example").Code).To(Equal(200))
		g.Expect(w.log).To(ConsistOf(HaveSuffix("vs *.example OPER_UP")))
		head := https("shop.example", "/")
		head.Method = "HEAD"
		g.Expect(w.e.Serve(webVIP, 443, engine.TCP, head).Body).To(BeEmpty())
	})
}

func TestPoolGroupUsesTheHighestPriorityThatIsUpByRatio(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		vs := webVS()
		vs.Pools = []engine.Pool{
			{UUID: "pool-old", Enabled: true, Priority: 10, Ratio: 3}, {UUID: "pool-canary", Enabled: true, Priority: 10, Ratio: 1},
			{UUID: "pool-sorry", Enabled: true, Priority: 1, Ratio: 1}, {UUID: "pool-off", Priority: 99, Ratio: 9},
		}
		w.push(engine.Update{Full: true, VirtualServices: []engine.VirtualService{vs}})
		count := func(n int) map[string]int {
			got := map[string]int{}
			for range n {
				got[w.e.Serve(webVIP, 80, engine.TCP, engine.Request{}).Pool]++
			}
			return got
		}
		g.Expect(count(400)).To(Equal(map[string]int{"pool-old": 300, "pool-canary": 100}))
		w.Now(func() { w.e.SetApp("pool-old", engine.App{Dead: true}) })
		g.Expect(count(10)).To(Equal(map[string]int{"pool-canary": 10}))
		w.Now(func() { w.e.SetApp("pool-canary", engine.App{Dead: true}) })
		g.Expect(count(10)).To(Equal(map[string]int{"pool-sorry": 10}))
	})
}

func TestDisablingTakesAnswersAway(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		update := func(change func([]engine.VirtualService)) {
			vss := shared()
			change(vss)
			w.push(engine.Update{Full: true, VirtualServices: vss})
		}
		kind := func() engine.ReplyKind { return w.e.Serve(webVIP, 443, engine.TCP, https("shop.example", "/")).Kind }
		state := func(uuid string) health.State {
			for _, vs := range w.e.VirtualServices() {
				if vs.UUID == uuid {
					return vs.Status.State
				}
			}
			return ""
		}
		update(func([]engine.VirtualService) {})
		g.Expect(kind()).To(Equal(engine.Answered))
		g.Expect(state("virtualservice-shop")).To(Equal(health.StateUp))

		update(func(vss []engine.VirtualService) { vss[1].Enabled = false })
		g.Expect(state("virtualservice-shop")).To(Equal(health.StateDisabled))
		g.Expect(w.e.Serve(webVIP, 443, engine.TCP, https("shop.example", "/")).VirtualService).To(Equal("virtualservice-any"))

		update(func(vss []engine.VirtualService) { vss[0].Enabled = false })
		g.Expect(kind()).To(Equal(engine.Silent))
		g.Expect(state("virtualservice-shop")).To(Equal(health.StateDisabled))
		g.Expect(w.e.VIPs()).To(BeEmpty())

		update(func(vss []engine.VirtualService) { vss[0].TrafficEnabled = false })
		g.Expect(kind()).To(Equal(engine.Silent))
		g.Expect(state("virtualservice-shop")).To(Equal(health.StateUp))
	})
}

func TestAnswerJudgesReplies(t *testing.T) {
	check := func(kind health.Kind) health.Check {
		return health.Check{Kind: kind, Target: webVIP, Port: 80, Method: "GET", Path: "/live", Host: "a.example", Timeout: time.Second}
	}
	cases := []struct {
		name  string
		kind  health.Kind
		reply engine.Reply
		want  health.Outcome
	}{
		{"silent", health.KindHTTP, engine.Reply{}, health.Outcome{Silent: true}},
		{"refused", health.KindTCP, engine.Reply{Kind: engine.Refused}, health.Outcome{Reason: "connection refused"}},
		{"2xx", health.KindHTTP, engine.Reply{Kind: engine.Answered, Code: 204}, health.Outcome{OK: true}},
		{"late", health.KindHTTPS, engine.Reply{Kind: engine.Answered, Code: 200, Delay: time.Minute}, health.Outcome{OK: true, Took: time.Minute}},
		{"5xx", health.KindHTTP, engine.Reply{Kind: engine.Answered, Code: 503}, health.Outcome{Reason: "response code 503 is not expected"}},
		{"no HTTP", health.KindHTTP, engine.Reply{Kind: engine.Answered}, health.Outcome{Reason: "the response is not HTTP"}},
		{"TCP", health.KindTCP, engine.Reply{Kind: engine.Answered, Code: 503}, health.Outcome{OK: true}},
		{"ping", health.KindPing, engine.Reply{Kind: engine.Answered}, health.Outcome{OK: true}},
		{"UDP", health.KindUDP, engine.Reply{Kind: engine.Answered}, health.Outcome{OK: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			got := engine.Answer(check(c.kind), func(dst netip.Addr, port uint16, p engine.Protocol, r engine.Request) engine.Reply {
				g.Expect(dst).To(Equal(webVIP))
				g.Expect(r.TLS).To(Equal(c.kind == health.KindHTTPS))
				return c.reply
			})
			g.Expect(got).To(Equal(c.want))
		})
	}
}
