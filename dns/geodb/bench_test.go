package geodb_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
)

// million is a database of a million /24 networks spread over half of IPv4.
func million(b *testing.B) *geodb.CSV {
	b.Helper()
	var text strings.Builder
	text.WriteString("V.01\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&text, "%v,%v,%d.5,%d.25,C/S/%d\n", address(uint32(i)<<11), address(uint32(i)<<11|255), i%90, i%180, i%1000)
	}
	db, err := geodb.ReadCSV(strings.NewReader(text.String()))
	if err != nil || db.Len() != 1_000_000 {
		b.Fatal(db.Len(), err)
	}
	return db
}

func address(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}

// clients are addresses of no pattern, half of them in a network of the
// database.
func clients() []netip.Addr {
	rng := rand.New(rand.NewPCG(1, 1))
	list := make([]netip.Addr, 1<<16)
	for i := range list {
		list[i] = address(rng.Uint32N(1_000_000<<11)&^0x400 | 1)
	}
	return list
}

func BenchmarkLocateOfAMillion(b *testing.B) {
	db, from := million(b), clients()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		db.LocateNetwork(from[i%len(from)])
		i++
	}
}

// BenchmarkGeoAnswerOfAMillion is a whole answer: parsing, choice by distance
// and reply.
func BenchmarkGeoAnswerOfAMillion(b *testing.B) {
	pool := dns.Pool{Name: "p", Priority: 10, Enabled: true, Algorithm: dns.Geo}
	for i := range 3 {
		pool.Members = append(pool.Members, dns.Member{
			Addr: address(uint32(i)), Enabled: true, Up: true, Location: &dns.Location{Latitude: float64(20 * i), Longitude: float64(40 * i)},
		})
	}
	table, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Geo: million(b), Services: []dns.Service{
		{UUID: "a", Domains: []string{"app.gslb.example"}, Enabled: true, Pools: []dns.Pool{pool}},
	}})
	if err != nil {
		b.Fatal(err)
	}
	r := dns.NewResponder(1)
	r.Publish(table)
	w, from, buf := r.NewWorker(), clients(), make([]byte, dns.MaxUDPSize)
	wire, _ := new(mdns.Msg).SetQuestion("app.gslb.example.", mdns.TypeA).Pack()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w.Answer(wire, buf, dns.Client{Addr: from[i%len(from)]})
		i++
	}
}
