package dns_test

import (
	"encoding/json"
	"fmt"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// TestPreviewTakesNoTurn asks before every query what it would be answered,
// while health changes underneath, and compares with a twin that nobody asked.
func TestPreviewTakesNoTurn(t *testing.T) {
	service := func(third bool) dns.Service {
		m := weighted("10.0.0.3", 2)
		m.Up = third
		return app(
			pool("a", 10, weighted("10.0.0.1", 3), weighted("10.0.0.2", 1), m),
			pool("b", 10, up("10.0.1.1"), up("10.0.1.2")))
	}
	records := []dns.Record{{Names: []string{"rec.gslb.example"}, Type: mdns.TypeA, NumIPs: 1,
		Addrs: addrs("10.9.0.1", "10.9.0.2", "10.9.0.3")}}
	asked := serve(t, dns.Config{Services: []dns.Service{service(true)}, Records: records})
	twin := serve(t, dns.Config{Services: []dns.Service{service(true)}, Records: records})
	for i := range 200 {
		if i%17 == 0 {
			for _, r := range []*dns.Responder{asked, twin} {
				next, err := r.Table().With([]dns.Service{service(i%2 == 0)}, nil)
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				r.Publish(next)
			}
		}
		for _, name := range []string{appName, "rec.gslb.example."} {
			q := query(name, mdns.TypeA)
			preview, before := asked.Preview(q, stranger)
			again, _ := asked.Preview(q, stranger)
			reply, after := asked.Respond(q, stranger)
			other, _ := twin.Respond(q, stranger)
			g := NewWithT(t)
			g.Expect(texts(preview.Answer)).To(Equal(texts(reply.Answer)), "query %d", i)
			g.Expect(texts(again.Answer)).To(Equal(texts(preview.Answer)))
			g.Expect(texts(reply.Answer)).To(Equal(texts(other.Answer)), "a preview moved a turn")
			g.Expect(before.Draw).To(Equal(after.Draw))
			g.Expect(before.PoolDraw).To(Equal(after.PoolDraw))
		}
	}
}

func TestExplanationAsJSON(t *testing.T) {
	s := app(pool("a", 20, at("x", down("10.0.0.1"))), pool("b", 10, at("y", weighted("10.0.0.2", 3)), at("z", up("10.0.0.3"))))
	r := serveApp(t, s)
	reply, d := r.Preview(query(appName, mdns.TypeA), stranger)
	e := d.Explanation(reply)
	e.Pools[0].Members[0].Note = "no reply to HTTP"
	out, err := json.Marshal(e)
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	answered := reply.Answer[0].(*mdns.A).A.String()
	g.Expect(out).To(MatchJSON(fmt.Sprintf(`{
		"question": {"name": "app.gslb.example.", "type": "A", "client": "198.51.100.7"},
		"match": {"kind": "GSLB service", "at": "app.gslb.example.", "object": "app", "zone": "gslb.example."},
		"service": {"name": "app", "uuid": "gslbservice-app", "enabled": true, "pool_algorithm": "priority", "ttl": 30,
			"num_dns_ip": 1, "min_members": 0, "down_response": "none"},
		"pools": [
			{"name": "a", "priority": 20, "algorithm": "round robin", "enabled": true, "usable": 0, "chosen": false,
				"why": "no usable member", "members": [
				{"name": "10.0.0.1", "site": "x", "ratio": 1, "enabled": true, "up": false, "answered": false, "note": "no reply to HTTP"}]},
			{"name": "b", "priority": 10, "algorithm": "round robin", "enabled": true, "usable": 2, "chosen": true,
				"why": "highest usable priority", "members": [
				{"name": "10.0.0.2", "site": "y", "ratio": 3, "enabled": true, "up": true, "answered": %t},
				{"name": "10.0.0.3", "site": "z", "ratio": 1, "enabled": true, "up": true, "answered": %t}]}],
		"choice": {"algorithm": "round robin", "member_turn": {"slot": %d, "of": 4}},
		"answer": {"outcome": "answered", "rcode": "NOERROR", "records": ["app.gslb.example. 30 IN A %s"]}
	}`, answered == "10.0.0.2", answered == "10.0.0.3", d.Draw.Slot+1, answered)))
	g.Expect(e.String()).To(ContainSubstring("  10.0.0.1 at x, ratio 1: down (no reply to HTTP)\n"))
}
