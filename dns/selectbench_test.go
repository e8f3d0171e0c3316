package dns

import (
	"fmt"
	"net/netip"
	"testing"
)

// everywhere is a GeoDB that knows one place.
type everywhere Location

func (e everywhere) Locate(netip.Addr) (Location, bool) { return Location(e), true }

// BenchmarkSelect measures choosing a member alone: no parsing, no reply. To the time of geo comes that of finding the client
// in a database (geodb.BenchmarkLocateOfAMillion).
func BenchmarkSelect(b *testing.B) {
	for name, pool := range map[string]Pool{
		"weighted": {Algorithm: RoundRobin}, "hash": {Algorithm: ConsistentHash, HashMask: 24}, "preference": {Algorithm: PreferenceOrder},
		"geo": {Algorithm: Geo},
	} {
		for _, n := range []int{1, 3, 20} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				pool := pool
				pool.Name, pool.Priority, pool.Enabled = "p", 10, true
				for i := range n {
					pool.Members = append(pool.Members, Member{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Ratio: []int{6, 4, 2}[i%3], Enabled: true, Up: true,
						Location: &Location{Latitude: float64(4 * i), Longitude: float64(8 * i)}})
				}
				table, err := NewTable(Config{Profile: SystemProfile(), Geo: everywhere{Latitude: 51, Longitude: 7}, Services: []Service{{UUID: "a", Domains: []string{"a.example"}, Enabled: true, Pools: []Pool{pool}}}})
				if err != nil {
					b.Fatal(err)
				}
				r := NewResponder(1)
				r.Publish(table)
				entry, _ := table.names.get("a.example.")
				var d Decision
				q := query{responder: &r.cursors, table: table, d: &d, client: Client{Addr: netip.AddrFrom4([4]byte{192, 0, 2, 1})}, name: "a.example."}
				b.ReportAllocs()
				for b.Loop() {
					q.steer(entry, answerA, 1)
				}
			})
		}
	}
}
