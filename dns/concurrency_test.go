package dns_test

import (
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// TestConcurrentUse answers from many goroutines while tables are swapped.
// Shares stay exact when all tables have the same schedule.
func TestConcurrentUse(t *testing.T) {
	g := NewWithT(t)
	service := func(ttl uint32) dns.Service {
		s := app(pool("p", 10, weighted("10.0.0.1", 3), weighted("10.0.0.2", 1)))
		s.TTL = &ttl
		return s
	}
	r := serveApp(t, service(1))
	const workers, each = 8, 500
	counts := make([]map[string]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { counts[w] = count(r, each) })
	}
	for ttl := range uint32(200) {
		next, err := r.Table().With([]dns.Service{service(ttl)}, nil)
		g.Expect(err).NotTo(HaveOccurred())
		r.Publish(next)
	}
	wg.Wait()
	total := map[string]int{}
	for _, c := range counts {
		for member, n := range c {
			total[member] += n
		}
	}
	g.Expect(total).To(Equal(map[string]int{"A 10.0.0.1": workers * each * 3 / 4, "A 10.0.0.2": workers * each / 4}))
}

func TestSameSeedSameAnswers(t *testing.T) {
	play := func(seed uint64) []string {
		r := dns.NewResponder(seed)
		table := newTable(t, dns.Config{Profile: systemProfile(), Services: []dns.Service{
			app(pool("a", 10, weighted("10.0.0.1", 7), weighted("10.0.0.2", 5), up("10.0.0.3")), pool("b", 10, up("10.0.1.1"))),
		}})
		r.Publish(table)
		var got []string
		for range 100 {
			got = append(got, answers(r, stranger)...)
		}
		return got
	}
	g := NewWithT(t)
	starts := map[string]bool{}
	for seed := range uint64(20) {
		got := play(seed)
		g.Expect(play(seed)).To(Equal(got))
		starts[strings.Join(got[:4], " ")] = true
	}
	g.Expect(len(starts)).To(BeNumerically(">", 1), "seeds differ")
}
