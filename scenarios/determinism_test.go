package scenarios_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"runtime"
	"testing"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Same seed, same bytes of report.json and of the event log, whatever the number of processors, many times each.
func TestSameSeedSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for nth, name := range scenarios.Names() {
		var want []byte
		for _, procs := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(procs)
			for i := range effort(nth, repetitions) {
				got := written(t, play(t, name, 0, ""))
				if want == nil {
					want = got
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("%s: run %d at GOMAXPROCS %d differs: %s", name, i+1, procs, firstDifference(got, want))
				}
			}
		}
		t.Logf("%s: %d runs, sha256 %x", name, 3*effort(nth, repetitions), sha256.Sum256(want))
	}
}

// effort is how many of n runs the nth scenario gets: the first one all, the others a fifth. They are made of the same parts.
func effort(nth, n int) int {
	if nth == 0 {
		return n
	}
	return max(1, n/5)
}

// Another seed is another run.
func TestAnotherSeedOtherBytes(t *testing.T) {
	name := scenarios.Names()[0]
	one, two := play(t, name, 1, ""), play(t, name, 2, "")
	if one.Digest == two.Digest {
		t.Errorf("%s: seeds 1 and 2 give the same digest %s", name, one.Digest)
	}
}

// A healthy stack keeps its promises under any seed: what breaks is never due to bad luck.
func TestPromisesHoldUnderManySeeds(t *testing.T) {
	for nth, name := range scenarios.Names() {
		for seed := range uint64(effort(nth, seeds)) {
			seed++
			r := play(t, name, seed, "")
			for _, p := range r.Promises {
				if p.Verdict != result.Pass {
					t.Errorf("gslbsim run %s --seed %d: %s: %s, bound %s, %s", name, seed, p.Name, p.Observed, p.Bound, p.Detail)
				}
			}
			if r.Verdict != result.Pass {
				t.Errorf("gslbsim run %s --seed %d: %s %v", name, seed, r.Verdict, r.Reasons)
			}
		}
	}
}

func written(t *testing.T, r *result.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if err := reports.Events(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func firstDifference(got, want []byte) string {
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines and %d lines", len(a), len(b))
}
