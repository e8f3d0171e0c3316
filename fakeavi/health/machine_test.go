package health_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// observe feeds outcomes (+ passed, - failed) and returns the verdict after each: U up, D down, ? none.
func observe(outcomes string, t health.Thresholds) string {
	var m health.Machine
	var b strings.Builder
	for _, o := range outcomes {
		m.Observe(o == '+', t)
		b.WriteByte("?UD"[m.Verdict()])
	}
	return b.String()
}

func TestVerdictChangesAfterLikeOutcomesInARow(t *testing.T) {
	cases := []struct {
		up, down       int
		outcomes, want string
	}{
		{3, 3, "+++---+++", "??UUUDDDU"},
		{3, 3, "++-++-+++", "????????U"},
		{3, 3, "+++--+--+---", "??UUUUUUUUUD"},
		{1, 1, "+-+-", "UDUD"},
		{2, 3, "---++", "??DDU"},
		{0, 0, "-+", "DU"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d/%d %s", c.up, c.down, c.outcomes), func(t *testing.T) {
			got := observe(c.outcomes, health.Thresholds{Successes: c.up, Failures: c.down})
			NewWithT(t).Expect(got).To(Equal(c.want))
		})
	}
}

// FuzzSettled checks the promise that lets monitors sleep: repeating the last outcome of a settled machine changes nothing.
func FuzzSettled(f *testing.F) {
	f.Add([]byte("+++"), 3, 3)
	f.Add([]byte("---+-+++--"), 2, 5)
	f.Fuzz(func(t *testing.T, outcomes []byte, successes, failures int) {
		th := health.Thresholds{Successes: successes % 51, Failures: failures % 51}
		var m health.Machine
		for _, o := range outcomes {
			m.Observe(o == '+', th)
			if !m.Settled() {
				continue
			}
			again := m
			for range 60 {
				if again.Observe(o == '+', th) {
					t.Fatalf("settled after %q, yet repeating %q changed the verdict", outcomes, o)
				}
			}
		}
	})
}

func FuzzScheduleNext(f *testing.F) {
	f.Add(int64(946684800_000000000), int64(10_000), "region01")
	f.Add(int64(-5), int64(1), "")
	f.Fuzz(func(t *testing.T, at, intervalMillis int64, identity string) {
		if intervalMillis < 1 || intervalMillis > 3_600_000 || at > 1<<61 || at < -1<<61 {
			t.Skip()
		}
		interval := time.Duration(intervalMillis) * time.Millisecond
		s := health.NewSchedule(interval, identity)
		now := time.Unix(0, at)
		next := s.Next(now)
		if !next.After(now) || next.Sub(now) > interval {
			t.Fatalf("next tick %v after %v leaves the interval %v", next, now, interval)
		}
		if second := s.Next(next); second.Sub(next) != interval {
			t.Fatalf("ticks %v and %v are not one interval of %v apart", next, second, interval)
		}
	})
}
