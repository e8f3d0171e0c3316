package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/schedule"
)

var (
	epoch = time.Unix(0, 0)
	delay = schedule.Delay{First: time.Second, Most: time.Minute}
)

func at(seconds float64) time.Time { return epoch.Add(time.Duration(seconds * float64(time.Second))) }

// take takes all that may be taken.
func take(q *schedule.Queue, now time.Time) []string {
	taken := []string{}
	for {
		fqdn, ok := q.Take(now)
		if !ok {
			return taken
		}
		taken = append(taken, fqdn)
	}
}

func ExampleQueue() {
	q := schedule.New(2)
	for _, fqdn := range []string{"c.example.com", "a.example.com", "b.example.com"} {
		q.Add(fqdn)
	}
	fmt.Println(take(q, at(0)))
	q.Failed("a.example.com", schedule.Delay{First: time.Second, Most: time.Minute}, at(0))
	q.Succeeded("b.example.com")
	fmt.Println(take(q, at(0.5)))
	fmt.Println(take(q, at(1)))
	// Output:
	// [a.example.com b.example.com]
	// [c.example.com]
	// [a.example.com]
}

// Shows: better-retries, B25
func TestDelaysGrowAndAreBoundedAndRepeat(t *testing.T) {
	g := NewWithT(t)
	for attempts := range 100 {
		want := min(time.Minute, time.Second<<min(attempts, 10))
		got := delay.After("a.example.com", attempts)
		g.Expect(got).To(BeNumerically("<=", want))
		g.Expect(got).To(BeNumerically(">=", want*4/5))
		g.Expect(got).To(Equal(delay.After("a.example.com", attempts)))
	}
	g.Expect(delay.After("a.example.com", 3)).NotTo(Equal(delay.After("b.example.com", 3)))
}

func TestWhatIsAddedWhileRunningRunsAgain(t *testing.T) {
	g := NewWithT(t)
	for _, end := range []func(*schedule.Queue){
		func(q *schedule.Queue) { q.Succeeded("a") },
		func(q *schedule.Queue) { q.Failed("a", delay, at(0)) },
		func(q *schedule.Queue) { q.Idle("a") },
	} {
		q := schedule.New(2)
		q.Add("a")
		g.Expect(take(q, at(0))).To(Equal([]string{"a"}))
		q.Add("a")
		g.Expect(take(q, at(0))).To(BeEmpty(), "not twice at a time")
		end(q)
		g.Expect(take(q, at(0))).To(Equal([]string{"a"}), "at once: something else is wanted")
	}
}

func TestANewWishForgetsTheFailures(t *testing.T) {
	g := NewWithT(t)
	q := schedule.New(1)
	q.Add("a")
	now := epoch
	for range 5 {
		g.Expect(take(q, now)).To(HaveLen(1))
		q.Failed("a", delay, now)
		now, _ = q.Next(now)
	}
	g.Expect(now.Sub(epoch)).To(BeNumerically(">", 20*time.Second))
	now = now.Add(-time.Second)
	g.Expect(take(q, now)).To(BeEmpty())
	q.Add("a")
	g.Expect(take(q, now)).To(Equal([]string{"a"}))
	q.Failed("a", delay, now)
	next, ok := q.Next(now)
	g.Expect(ok).To(BeTrue())
	g.Expect(next.Sub(now)).To(BeNumerically("<=", time.Second))
}

func TestALookDoesNotEndTheWaiting(t *testing.T) {
	g := NewWithT(t)
	q := schedule.New(2)
	q.Recheck("a")
	q.Recheck("b")
	g.Expect(take(q, at(0))).To(Equal([]string{"a", "b"}))
	q.Failed("a", delay, at(0))
	q.Succeeded("b")
	q.Recheck("a")
	q.Recheck("b")
	g.Expect(take(q, at(0))).To(Equal([]string{"b"}))
	g.Expect(take(q, at(1))).To(Equal([]string{"a"}))
}

func TestAPauseHoldsEverythingAndEndsWithOneAttempt(t *testing.T) {
	g := NewWithT(t)
	q := schedule.New(2)
	for i := range 5 {
		q.Add(fmt.Sprint(i))
	}
	g.Expect(take(q, at(0))).To(Equal([]string{"0", "1"}))
	q.Failed("0", delay, at(0))
	g.Expect(q.Pause(delay, 0, at(0))).To(Equal(1))
	q.Failed("1", delay, at(0))
	g.Expect(q.Pause(delay, 0, at(0))).To(Equal(1), "the same outage")
	g.Expect(take(q, at(0.5))).To(BeEmpty())
	next, ok := q.Next(at(0.5))
	g.Expect(ok).To(BeTrue())
	g.Expect(next).To(BeTemporally("<=", at(1)))

	g.Expect(take(q, at(1))).To(HaveLen(1), "one to see whether it works")
	q.Failed("0", delay, at(1))
	g.Expect(q.Pause(delay, 30*time.Second, at(1))).To(Equal(2))
	g.Expect(take(q, at(30))).To(BeEmpty(), "the controller asked for 30 s")
	taken := take(q, at(31))
	g.Expect(taken).To(HaveLen(1))
	q.Succeeded(taken[0])
	g.Expect(take(q, at(31))).To(HaveLen(2))
}

func TestBlockedOnesWaitForTheNextEnd(t *testing.T) {
	g := NewWithT(t)
	q := schedule.New(2)
	q.Add("a")
	q.Add("b")
	g.Expect(take(q, at(0))).To(Equal([]string{"a", "b"}))
	q.Block("a")
	g.Expect(take(q, at(0))).To(BeEmpty())
	g.Expect(q.Blocked()).To(Equal([]string{"a"}))
	q.Succeeded("b")
	g.Expect(take(q, at(0))).To(Equal([]string{"a"}))
	q.Block("a")
	q.Unblock("a")
	g.Expect(take(q, at(0))).To(Equal([]string{"a"}))
	g.Expect(q.Blocked()).To(BeEmpty())
}

func TestOneThatAlwaysFailsDoesNotStarveOthers(t *testing.T) {
	g := NewWithT(t)
	q := schedule.New(1)
	q.Add("a-poison")
	q.Add("b")
	now, tried := epoch, 0
	for range 10 {
		fqdn, ok := q.Take(now)
		if !ok {
			now, _ = q.Next(now)
			continue
		}
		if fqdn == "b" {
			q.Succeeded("b")
			break
		}
		tried++
		q.Failed(fqdn, delay, now)
		q.Pause(delay, 0, now)
	}
	g.Expect(q.NeedsWork("b")).To(BeFalse())
	g.Expect(tried).To(BeNumerically("<", 4))
}

// TestNothingIsLostOrDoubled drives a queue at random and checks what must hold at every step, and that it runs dry.
func TestNothingIsLostOrDoubled(t *testing.T) {
	for seed := range uint64(100) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 0))
		q := schedule.New(3)
		now, running, wanted := epoch, map[string]bool{}, map[string]bool{}
		for range 500 {
			fqdn := fmt.Sprint(random.IntN(10))
			switch random.IntN(7) {
			case 0:
				q.Add(fqdn)
				wanted[fqdn] = true
			case 1, 2:
				if fqdn, ok := q.Take(now); ok {
					g.Expect(running).NotTo(HaveKey(fqdn))
					running[fqdn] = true
					delete(wanted, fqdn)
				}
			case 3:
				if running[fqdn] {
					delete(running, fqdn)
					q.Succeeded(fqdn)
				}
			case 4:
				if running[fqdn] {
					delete(running, fqdn)
					q.Failed(fqdn, delay, now)
					wanted[fqdn] = true
					if random.IntN(3) == 0 {
						q.Pause(delay, 0, now)
					}
				}
			case 5:
				if running[fqdn] {
					delete(running, fqdn)
					q.Block(fqdn)
					wanted[fqdn] = true
				}
			case 6:
				if next, ok := q.Next(now); ok {
					now = next
				}
			}
			g.Expect(q.Running()).To(Equal(len(running)))
			g.Expect(q.Running()).To(BeNumerically("<=", 3))
			for name := range wanted {
				g.Expect(q.NeedsWork(name)).To(BeTrue(), "seed %d", seed)
			}
		}
		for fqdn := range running {
			q.Succeeded(fqdn)
		}
		for range 100 {
			for _, fqdn := range take(q, now) {
				q.Succeeded(fqdn)
			}
			for _, fqdn := range q.Blocked() {
				q.Unblock(fqdn)
			}
			if next, ok := q.Next(now); ok {
				now = next
			}
		}
		g.Expect(q.Pending()).To(BeZero(), "seed %d", seed)
	}
}

func BenchmarkTenThousand(b *testing.B) {
	for b.Loop() {
		q := schedule.New(8)
		for i := range 10_000 {
			q.Add(fmt.Sprintf("s%05d.example.com", i))
		}
		for q.Pending() > 0 {
			for _, fqdn := range take(q, epoch) {
				q.Succeeded(fqdn)
			}
		}
	}
}
