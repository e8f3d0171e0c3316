package engine_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// A health check becomes a request; what comes back is judged by the check's own rules.
func ExampleAnswer() {
	check := health.Check{
		Kind: health.KindHTTPS, Target: netip.MustParseAddr("10.1.0.80"), Port: 443, Host: "shop.example",
		Method: "GET", Path: "/live", Codes: health.Code2XX, Timeout: 4 * time.Second,
	}
	serve := func(dst netip.Addr, port uint16, _ engine.Protocol, r engine.Request) engine.Reply {
		fmt.Println(r.Method, r.Path, "of", r.Host, "at", netip.AddrPortFrom(dst, port))
		return engine.Reply{Kind: engine.Answered, Code: 503}
	}
	fmt.Println(engine.Answer(check, serve).Reason)
	// Output:
	// GET /live of shop.example at 10.1.0.80:443
	// response code 503 is not expected
}
