package bubble_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/bubble"
)

func TestTimeIsVirtualAndStartsAtTheEpoch(t *testing.T) {
	for name, run := range map[string]bubble.Runner{"in a test": bubble.In(t), "in a program": bubble.Run} {
		g := NewWithT(t)
		var start, end time.Time
		wall := time.Now()
		g.Expect(run(func() {
			start = time.Now()
			time.Sleep(1000 * time.Hour)
			end = time.Now()
		})).To(Succeed(), name)
		g.Expect(start.Unix()).To(BeEquivalentTo(bubble.Epoch), name)
		g.Expect(end.Sub(start)).To(Equal(1000*time.Hour), name)
		g.Expect(time.Since(wall)).To(BeNumerically("<", time.Hour), name)
	}
}

func TestSeveralRunsInOneProcess(t *testing.T) {
	g := NewWithT(t)
	for range 3 {
		ran := false
		g.Expect(bubble.Run(func() { time.Sleep(time.Hour); ran = true })).To(Succeed())
		g.Expect(ran).To(BeTrue())
	}
}

func TestSettleWaitsForTheOthers(t *testing.T) {
	g := NewWithT(t)
	done := false
	g.Expect(bubble.In(t)(func() {
		go func() { done = true }()
		bubble.Settle()
		g.Expect(done).To(BeTrue())
	})).To(Succeed())
}

func TestPanicBecomesAnErrorWithItsStack(t *testing.T) {
	for name, run := range map[string]bubble.Runner{"in a test": bubble.In(t), "in a program": bubble.Run} {
		err := run(func() { panic("no such region") })
		g := NewWithT(t)
		g.Expect(err).To(MatchError(ContainSubstring("no such region")), name)
		g.Expect(err).To(MatchError(ContainSubstring("bubble_test.go")), name)
	}
}
