package dns

import (
	"fmt"
	"net/netip"
	"testing"
)

// BenchmarkSelect measures choosing a member alone: no parsing, no reply.
func BenchmarkSelect(b *testing.B) {
	for name, pool := range map[string]Pool{
		"weighted": {Algorithm: RoundRobin}, "hash": {Algorithm: ConsistentHash, HashMask: 24}, "preference": {Algorithm: PreferenceOrder},
	} {
		for _, n := range []int{1, 3, 20} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				pool := pool
				pool.Name, pool.Priority, pool.Enabled = "p", 10, true
				for i := range n {
					pool.Members = append(pool.Members, Member{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Ratio: []int{6, 4, 2}[i%3], Enabled: true, Up: true})
				}
				table, err := NewTable(Config{Profile: SystemProfile(), Services: []Service{{UUID: "a", Domains: []string{"a.example"}, Enabled: true, Pools: []Pool{pool}}}})
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
