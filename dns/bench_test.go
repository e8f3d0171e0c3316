package dns_test

import (
	"fmt"
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// manyServices makes services of three pools with two members each.
func manyServices(n int) []dns.Service {
	services := make([]dns.Service, n)
	for i := range services {
		s := dns.Service{
			UUID: fmt.Sprintf("gslbservice-%08d", i), Name: "gs", Enabled: true,
			Domains: []string{fmt.Sprintf("app%d.gslb.example", i)},
		}
		for p := range 3 {
			made := pool(fmt.Sprint("p", p), 10-p)
			for m := range 2 {
				made.Members = append(made.Members,
					dns.Member{Addr: netip.AddrFrom4([4]byte{10, byte(p), byte(m), byte(i)}), Enabled: true, Up: true})
			}
			s.Pools = append(s.Pools, made)
		}
		services[i] = s
	}
	return services
}

func BenchmarkNewTable10k(b *testing.B) {
	services := manyServices(10_000)
	b.ReportAllocs()
	for b.Loop() {
		newTable(b, dns.Config{Profile: systemProfile(), Services: services})
	}
}

func BenchmarkWithOneOf10k(b *testing.B) {
	services := manyServices(10_000)
	table := newTable(b, dns.Config{Profile: systemProfile(), Services: services})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.With(services[77:78], nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRespond(b *testing.B) {
	r := serve(b, dns.Config{Services: manyServices(10_000)})
	wire, _ := query("app77.gslb.example.", mdns.TypeA).Pack()
	b.Run("message", func(b *testing.B) {
		q := query("app77.gslb.example.", mdns.TypeA)
		b.ReportAllocs()
		for b.Loop() {
			r.Respond(q, stranger)
		}
	})
	b.Run("worker", func(b *testing.B) {
		w, buf := r.NewWorker(), make([]byte, 4096)
		b.ReportAllocs()
		for b.Loop() {
			w.Answer(wire, buf, stranger)
		}
	})
	b.Run("wire", func(b *testing.B) {
		buf := make([]byte, 4096)
		b.ReportAllocs()
		for b.Loop() {
			r.RespondWire(wire, buf, stranger)
		}
	})
}
