package dns

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"unsafe"

	. "github.com/onsi/gomega"
)

// TestIndex compares an index with a map through random edits; versions made
// earlier must not change.
func TestIndex(t *testing.T) {
	g := NewWithT(t)
	rng := rand.New(rand.NewPCG(1, 2))
	type version struct {
		ix   index[int]
		want map[string]int
	}
	versions := []version{{want: map[string]int{}}}
	for step := range 200 {
		last := versions[len(versions)-1]
		want := make(map[string]int, len(last.want))
		for k, v := range last.want {
			want[k] = v
		}
		edit := last.ix.edit(step)
		for range rng.IntN(60) {
			key := fmt.Sprint("k", rng.IntN(2000))
			if rng.IntN(3) == 0 {
				edit.delete(key)
				delete(want, key)
			} else {
				edit.set(key, step)
				want[key] = step
			}
		}
		versions = append(versions, version{edit.done(), want})
	}
	for _, v := range versions {
		g.Expect(v.ix.size).To(Equal(len(v.want)))
		for i := range 2000 {
			key := fmt.Sprint("k", i)
			got, ok := v.ix.get(key)
			want, known := v.want[key]
			if got != want || ok != known {
				t.Fatalf("%s: %d %t, want %d %t", key, got, ok, want, known)
			}
		}
	}
}

func TestSmoothSchedule(t *testing.T) {
	tests := []struct {
		weights []int
		want    []uint16
	}{
		{nil, nil},
		{[]int{7}, []uint16{0}},
		{[]int{1, 1, 1}, []uint16{0, 1, 2}},
		{[]int{10, 10}, []uint16{0, 1}},
		{[]int{6, 3, 1}, []uint16{0, 1, 0, 0, 1, 2, 0, 0, 1, 0}},
		{[]int{4, 2}, []uint16{0, 1, 0}},
	}
	for _, test := range tests {
		NewWithT(t).Expect(smoothSchedule(test.weights)).To(Equal(test.want), "%v", test.weights)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		weights := make([]int, 1+rng.IntN(12))
		total := 0
		for i := range weights {
			weights[i] = 1 + rng.IntN(MaxRatio)
			total += weights[i]
		}
		checkShares(t, weights, total)
	}
}

// checkShares demands that after every turn of a round each index is within
// one turn of its share.
func checkShares(t *testing.T, weights []int, total int) {
	schedule := smoothSchedule(weights)
	counts := make([]int, len(weights))
	for n, i := range schedule {
		counts[i]++
		for j, w := range weights {
			off := float64(counts[j]) - float64(w*(n+1))/float64(total)
			if off > 1.5 || off < -1.5 {
				t.Fatalf("%v: after %d turns index %d is %.2f off", weights, n+1, j, off)
			}
		}
	}
	for i, w := range weights {
		if counts[i]*total != w*len(schedule) {
			t.Fatalf("%v: index %d has %d of %d turns", weights, i, counts[i], len(schedule))
		}
	}
}

func TestCursorsOfVanishedServicesAreDropped(t *testing.T) {
	g := NewWithT(t)
	table := func(generation int) *Table {
		var services []Service
		for i := range 10 {
			services = append(services, Service{
				UUID: fmt.Sprintf("%d-%d", generation, i), Domains: []string{fmt.Sprintf("a%d.example", i)}, Enabled: true,
			})
		}
		made, err := NewTable(Config{Profile: SystemProfile(), Services: services})
		g.Expect(err).NotTo(HaveOccurred())
		return made
	}
	r := NewResponder(1)
	for generation := range 2 * minCursorBound / 10 {
		next := table(generation)
		r.Publish(next)
		for owner := range next.owners() {
			r.cursors.turn(cursorID{owner: owner, key: owner}, 3)
		}
	}
	g.Expect(r.cursors.size.Load()).To(BeNumerically("<=", minCursorBound))
	g.Expect(r.cursors.size.Load()).To(BeNumerically(">=", 10))
	held := 0
	for i := range r.cursors.shards {
		held += len(r.cursors.shards[i].byID)
	}
	g.Expect(r.cursors.size.Load()).To(BeEquivalentTo(held))
}

func TestCommonBits(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"10.0.0.0", "10.0.0.0", 32}, {"10.0.0.0", "10.0.0.1", 31}, {"0.0.0.0", "128.0.0.0", 0},
		{"2001:db8::", "2001:db8::1", 127}, {"::", "8000::", 0}, {"::1", "::1", 128}, {"10.0.0.0", "::1", -1},
	}
	for _, test := range tests {
		NewWithT(t).Expect(commonBits(netip.MustParseAddr(test.a), netip.MustParseAddr(test.b))).To(Equal(test.want), "%s %s", test.a, test.b)
	}
}

// What answers need begins with a cache line and is as long as some.
func TestLayout(t *testing.T) {
	g := NewWithT(t)
	const line = 64
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("laid out for 64 bits")
	}
	g.Expect(unsafe.Offsetof(serviceEntry{}.plans) + unsafe.Sizeof(serviceEntry{}.plans[0])*(uintptr(answerAAAA)+1)).To(BeEquivalentTo(line))
	g.Expect(unsafe.Sizeof(serviceEntry{})%line).To(BeZero(), "entry: %d bytes", unsafe.Sizeof(serviceEntry{}))
	g.Expect(unsafe.Sizeof(plan{})).To(BeEquivalentTo(4 * line))
	g.Expect(unsafe.Sizeof(cursorRun{})).To(BeEquivalentTo(line))
}
