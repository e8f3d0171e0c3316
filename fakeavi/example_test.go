package fakeavi_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
	"github.com/gslbsim/gslbsim/internal/loop"
)

// Two controllers form a federation; a GSLB service that is made at the leader is answered by the follower's DNS.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	events := loop.New()
	go events.Run(ctx)
	lines := wire.NewSwitch(wire.Config{Scheduler: events})

	var sites []fakeavi.Member
	for _, name := range []string{"frankfurt", "paris"} {
		at := netip.AddrFrom4([4]byte{10, byte(len(sites) + 1), 9, 1})
		c, err := fakeavi.New(fakeavi.Config{
			Name: name, Addresses: []netip.Addr{at}, Password: "secret",
			DNS: []fakeavi.DNSConfig{{Name: "dns", VIP: at.Next().Next()}},
		}, fakeavi.Deps{Scheduler: events, Wire: lines, Prober: upProber{}})
		if err != nil {
			panic(err)
		}
		for addr, host := range c.Hosts() {
			lines.Attach(addr, host)
		}
		sites = append(sites, fakeavi.Member{Controller: c})
	}
	federation := fakeavi.Federation{Leader: sites[0], Followers: sites[1:], Domains: []string{"gslb.example"}}
	if err := federation.Form(); err != nil {
		panic(err)
	}
	service, err := sites[0].Controller.Store().Create("gslbservice", map[string]any{
		"name": "shop", "domain_names": []any{"shop.gslb.example"},
		"health_monitor_refs": []any{"/api/healthmonitor?name=System-GSLB-HTTP"},
		"groups": []any{map[string]any{"name": "pool", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": []any{
			map[string]any{"ip": map[string]any{"addr": "192.0.2.80", "type": "V4"}},
		}}},
	})
	if err != nil {
		panic(err)
	}

	paris := sites[1].Controller.Engines()[0]
	for up := false; !up; {
		_ = events.Do(ctx, time.Millisecond, "wait", func() {
			state, _ := paris.Service(service.UUID)
			up = state.Status.Up()
		})
	}
	query := new(mdns.Msg).SetQuestion("shop.gslb.example.", mdns.TypeA)
	_ = events.Do(ctx, time.Millisecond, "ask", func() {
		reply, _, _ := paris.Respond(netip.MustParseAddr("10.2.9.3"), query, dns.Client{Addr: netip.MustParseAddr("198.51.100.1")})
		fmt.Println(reply.Answer[0])
	})
	// Output:
	// shop.gslb.example.	30	IN	A	192.0.2.80
}
