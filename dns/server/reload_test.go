package server_test

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

// generationTable marks every part of an answer with the table's generation:
// three addresses and their TTL.
func generationTable(t testing.TB, generation int) *dns.Table {
	t.Helper()
	all, ttl := 0, uint32(generation)
	pool := dns.Pool{Name: "p", Priority: 10, Enabled: true}
	for i := range 3 {
		pool.Members = append(pool.Members, dns.Member{Addr: netip.AddrFrom4([4]byte{10, byte(generation >> 8), byte(generation), byte(i)}), Enabled: true, Up: true})
	}
	table, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Services: []dns.Service{{
		UUID: "app", Domains: []string{"app.gslb.example"}, Enabled: true, NumIPs: &all, TTL: &ttl, Pools: []dns.Pool{pool},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// mixed says what is wrong with an answer made while generations from first
// to last were published.
func mixed(reply *mdns.Msg, first, last int) error {
	if len(reply.Answer) != 3 {
		return fmt.Errorf("%d answers: %v", len(reply.Answer), reply)
	}
	generation := int(reply.Answer[0].Header().Ttl)
	for _, rr := range reply.Answer {
		addr := rr.(*mdns.A).A.To4()
		if int(rr.Header().Ttl) != generation || int(addr[1])<<8|int(addr[2]) != generation {
			return fmt.Errorf("generations are mixed: %v", reply)
		}
	}
	if generation < first || generation > last {
		return fmt.Errorf("generation %d is older than %d, which was published before the query", generation, first)
	}
	return nil
}

// Tables are published as fast as can be while clients ask over UDP and TCP:
// no answer is lost, none is of two tables, none of an older one than was in
// force when the query was sent.
func TestReloadUnderLoad(t *testing.T) {
	const clients, each = 4, 500
	responder := dns.NewResponder(1)
	tables := make([]*dns.Table, 1000)
	for i := range tables {
		tables[i] = generationTable(t, i)
	}
	responder.Publish(tables[0])
	s := serve(t, responder, server.Config{Workers: 2})
	var published, publishing atomic.Int64
	stop := make(chan struct{})
	var publisher, askers sync.WaitGroup
	publisher.Go(func() {
		for i := 1; i < len(tables); i++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
			publishing.Store(int64(i))
			responder.Publish(tables[i])
			published.Store(int64(i))
		}
	})
	errs := make(chan error, clients)
	for i := range clients {
		network := []string{"udp", "tcp"}[i%2]
		askers.Go(func() {
			conn, err := net.Dial(network, s.Addresses()[0].String())
			if err != nil {
				errs <- err
				return
			}
			defer func() { _ = conn.Close() }()
			client := mdns.Client{Net: network, Timeout: 5 * time.Second}
			for range each {
				first := int(published.Load())
				reply, _, err := client.ExchangeWithConn(question("app.gslb.example."), &mdns.Conn{Conn: conn})
				if err == nil {
					err = mixed(reply, first, int(publishing.Load()))
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	askers.Wait()
	close(stop)
	publisher.Wait()
	close(errs)
	g := NewWithT(t)
	for err := range errs {
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(published.Load()).To(BeNumerically(">", 5), "tables were swapped meanwhile")
}

// The check of TestReloadUnderLoad sees what it looks for.
func TestMixedGenerationsAreSeen(t *testing.T) {
	g := NewWithT(t)
	responder := dns.NewResponder(1)
	answer := func(generation int) *mdns.Msg {
		responder.Publish(generationTable(t, generation))
		reply, _ := responder.Respond(question("app.gslb.example."), dns.Client{})
		return reply
	}
	good, other := answer(300), answer(301)
	g.Expect(mixed(good, 299, 301)).To(Succeed())
	g.Expect(mixed(good, 301, 302)).To(MatchError(ContainSubstring("older")))
	good.Answer[1] = other.Answer[1]
	g.Expect(mixed(good, 299, 301)).To(MatchError(ContainSubstring("mixed")))
	good.Answer = good.Answer[:2]
	g.Expect(mixed(good, 299, 301)).To(MatchError(ContainSubstring("2 answers")))
}
