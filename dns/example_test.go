package dns_test

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// A service with a canary: region01 gets nine of ten answers, until it fails.
func Example() {
	member := func(addr, site string, ratio int) dns.Member {
		return dns.Member{Addr: netip.MustParseAddr(addr), Site: site, Ratio: ratio, Enabled: true, Up: true}
	}
	service := dns.Service{
		UUID:    "gslbservice-1",
		Name:    "shop",
		Domains: []string{"shop.gslb.example"},
		Enabled: true,
		Pools: []dns.Pool{{
			Name: "regions", Priority: 10, Enabled: true,
			Members: []dns.Member{member("10.1.0.1", "region01", 9), member("10.2.0.1", "region02", 1)},
		}},
	}
	table, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Services: []dns.Service{service}})
	if err != nil {
		fmt.Println(err)
		return
	}
	responder := dns.NewResponder(1)
	responder.Publish(table)

	query := new(mdns.Msg).SetQuestion("shop.gslb.example.", mdns.TypeA)
	resolver := dns.Client{Addr: netip.MustParseAddr("192.0.2.53")}
	count := func(n int) map[string]int {
		answers := map[string]int{}
		for range n {
			reply, _ := responder.Respond(query, resolver)
			answers[reply.Answer[0].(*mdns.A).A.String()]++
		}
		return answers
	}
	fmt.Println(count(100))

	service.Pools[0].Members[0].Up = false
	if table, err = table.With([]dns.Service{service}, nil); err != nil {
		fmt.Println(err)
		return
	}
	responder.Publish(table)
	fmt.Println(count(100))

	reply, decision := responder.Preview(query, resolver)
	fmt.Print(decision.Explanation(reply))
	// Output:
	// map[10.1.0.1:90 10.2.0.1:10]
	// map[10.2.0.1:100]
	// query: shop.gslb.example. A from 192.0.2.53
	// match: GSLB service shop at shop.gslb.example.
	// service: enabled, pools by priority, 1 per answer, TTL 30 s, down response none
	// pool regions: priority 10, round robin, 1 of 2 members usable, chosen: highest usable priority
	//   10.1.0.1 at region01, ratio 9: down
	//   10.2.0.1 at region02, ratio 1: up, answered
	// algorithm: round robin
	// outcome: answered, NOERROR
	//   shop.gslb.example. 30 IN A 10.2.0.1
}

func ExampleRangePrefixes() {
	prefixes, err := dns.RangePrefixes(netip.MustParseAddr("10.0.0.6"), netip.MustParseAddr("10.0.0.17"))
	fmt.Println(prefixes, err)
	// Output: [10.0.0.6/31 10.0.0.8/29 10.0.0.16/31] <nil>
}
