package dns_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// Messages that a Worker takes together are answered as one after the other,
// also if some of them are left out and each batch finds another table.
func TestBatchEqualsOneByOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, profile := range workerProfiles() {
		cfg := workerConfig(profile)
		table := newTable(t, cfg)
		cfg.Services = cfg.Services[1:]
		other := newTable(t, cfg)
		slow, fast := dns.NewResponder(5), dns.NewResponder(5)
		w := fast.NewWorker()
		for range 300 {
			for _, r := range []*dns.Responder{slow, fast} {
				r.Publish(table)
			}
			compareBatch(t, rng, slow, w)
			table, other = other, table
		}
	}
}

// Turns are the same however long the schedule is: its addresses stand in the
// plan, beside it, or are not kept ready.
func TestLongSchedules(t *testing.T) {
	for members, slots := range map[int]int{1: 1, 2: 3, 6: 21, 8: 36, 20: 210, 30: 265, 60: 630} {
		p := pool("p", 10)
		for i := range members {
			m := up(fmt.Sprintf("2001:db8::%x", i+1))
			m.Ratio = 1 + i%dns.MaxRatio
			p.Members = append(p.Members, m)
		}
		one := simple(1, "app.gslb.example", "10.0.0.1")
		one.Pools = []dns.Pool{p}
		table := newTable(t, dns.Config{Profile: systemProfile(), Services: []dns.Service{one}})
		slow, fast := dns.NewResponder(9), dns.NewResponder(9)
		for _, r := range []*dns.Responder{slow, fast} {
			r.Publish(table)
		}
		both := &pair{slow: slow, worker: fast.NewWorker()}
		wire, err := query("app.gslb.example.", mdns.TypeAAAA).Pack()
		if err != nil {
			t.Fatal(err)
		}
		for range 2*slots + 3 {
			both.compare(t, wire, stranger)
		}
		_, d := slow.Respond(query("app.gslb.example.", mdns.TypeAAAA), stranger)
		if want := slots; slots > 1 && d.Draw.Slots != want {
			t.Errorf("%d members: %d slots, want %d", members, d.Draw.Slots, want)
		}
		if both.quick != 2*slots+3 {
			t.Errorf("%d members: %d answers on the quick path, want all %d", members, both.quick, 2*slots+3)
		}
	}
}

// compareBatch lets a worker and a responder answer the same messages.
func compareBatch(t *testing.T, rng *rand.Rand, slow *dns.Responder, w *dns.Worker) {
	t.Helper()
	var messages [][]byte
	var clients []dns.Client
	for range 1 + rng.IntN(dns.MaxBatch) {
		var b [10]byte
		for j := range b {
			b[j] = byte(rng.Uint32())
		}
		b[0] = byte(rng.IntN(4)) * b[0] // the same names again
		wire, c := workerQuery(b)
		if rng.IntN(10) == 0 {
			wire = wire[:rng.IntN(len(wire))]
		}
		messages, clients = append(messages, wire), append(clients, c)
	}
	w.Open(messages)
	defer w.Close()
	for i, wire := range messages {
		if rng.IntN(5) == 0 {
			continue
		}
		want, d := slow.RespondWire(wire, make([]byte, dns.MaxUDPSize), clients[i])
		got, v := w.Reply(i, make([]byte, dns.MaxUDPSize), &clients[i])
		if told := w.Decision(v); !bytes.Equal(got, want) || !reflect.DeepEqual(told, d) {
			t.Fatalf("%d of %d: query %x of %v\nanswered %x\nwant     %x", i, len(messages), wire, clients[i], got, want)
		}
	}
}

// BenchmarkWorker answers queries for names in no order, in batches as a busy
// server reads them, and one by one.
func BenchmarkWorker(b *testing.B) {
	for _, names := range []int{10, 1000, 10_000, 100_000} {
		r := serve(b, dns.Config{Services: manyServices(names)})
		queries := shuffledQueries(b, names)
		warm := r.NewWorker()
		for _, q := range queries {
			warm.Answer(q, make([]byte, dns.MaxUDPSize), stranger)
		}
		for _, size := range []int{1, 16} {
			b.Run(fmt.Sprintf("names=%d/batch=%d", names, size), func(b *testing.B) {
				w, buf := r.NewWorker(), make([]byte, dns.MaxUDPSize)
				client := stranger
				b.ReportAllocs()
				for n := 0; b.Loop(); n = (n + 1) % (len(queries) / size) {
					batch := queries[n*size : (n+1)*size]
					w.Open(batch)
					for i := range batch {
						w.Reply(i, buf, &client)
					}
					w.Close()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/answer")
			})
		}
	}
}

// shuffledQueries asks for each name of manyServices once, and 16,000 times in
// all at least.
func shuffledQueries(tb testing.TB, names int) [][]byte {
	rng := rand.New(rand.NewPCG(1, 1))
	var queries [][]byte
	arena := make([]byte, 0, 1<<23) // queries stand side by side, as a server receives them
	for range max(1, 16_000/names) {
		for _, i := range rng.Perm(names) {
			wire, err := query(fmt.Sprintf("app%d.gslb.example.", i), mdns.TypeA).Pack()
			if err != nil {
				tb.Fatal(err)
			}
			arena = append(arena, wire...)
			queries = append(queries, arena[len(arena)-len(wire):])
		}
	}
	return queries
}
