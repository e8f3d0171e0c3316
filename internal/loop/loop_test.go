package loop_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/internal/loop"
)

// in runs f in a bubble beside a running loop, and ends the loop afterwards.
func in(t *testing.T, f func(ctx context.Context, l *loop.Loop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := loop.New(loop.Settle(synctest.Wait))
		ended := make(chan struct{})
		go func() { defer close(ended); l.Run(ctx) }()
		f(ctx, l)
		stop()
		<-ended
	})
}

// rest lets d pass. Unlike a sleep it orders the callbacks of that time before what the test does next.
func rest(ctx context.Context, l *loop.Loop, d time.Duration) {
	if err := l.Do(ctx, d, "~rest", func() {}); err != nil {
		panic(err)
	}
}

func TestCallbacksRunByTimeThenKeyThenRegistration(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		var got []string
		note := func(s string) func() { return func() { got = append(got, s) } }
		l.After(2*time.Second, "a", note("2s a"))
		l.After(time.Second, "b", note("1s b first"))
		l.After(time.Second, "b", note("1s b second"))
		l.After(time.Second, "a", note("1s a"))
		rest(ctx, l, 3*time.Second)
		g.Expect(got).To(Equal([]string{"1s a", "1s b first", "1s b second", "2s a"}))
	})
}

func TestOrderDoesNotDependOnWhoRegistersFirst(t *testing.T) {
	g := NewWithT(t)
	want := ""
	for try := range 20 {
		in(t, func(ctx context.Context, l *loop.Loop) {
			var got []string
			for _, i := range rand.New(rand.NewPCG(uint64(try), 1)).Perm(50) {
				go l.After(time.Duration(i%5)*time.Second, fmt.Sprintf("%02d", i), func() { got = append(got, fmt.Sprint(i)) })
			}
			rest(ctx, l, time.Minute)
			if want == "" {
				want = strings.Join(got, " ")
			}
			g.Expect(strings.Join(got, " ")).To(Equal(want))
			g.Expect(got).To(HaveLen(50))
		})
	}
}

func TestCallbackSeesItsOwnInstant(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		start := time.Now()
		var at time.Duration
		l.After(time.Hour, "first", func() { l.After(time.Minute, "second", func() { at = time.Since(start) }) })
		rest(ctx, l, 2*time.Hour)
		g.Expect(at).To(Equal(time.Hour + time.Minute))
	})
}

func TestEarlierCallbackWakesASleepingLoop(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		l.After(time.Hour, "late", func() {})
		rest(ctx, l, 0)
		ran := false
		l.After(time.Second, "early", func() { ran = true })
		rest(ctx, l, 2*time.Second)
		g.Expect(ran).To(BeTrue())
	})
}

func TestCancelTakesACallbackBack(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		ran := 0
		cancel := l.After(time.Second, "x", func() { ran++ })
		kept := l.After(time.Second, "y", func() { ran += 10 })
		cancel()
		cancel()
		rest(ctx, l, 2*time.Second)
		kept()
		g.Expect(ran).To(Equal(10))
		g.Expect(l.Pending()).To(BeZero())
	})
}

func TestDoRunsOnTheLoopAndBlocksTheCaller(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		start := time.Now()
		var at time.Duration
		g.Expect(l.Do(ctx, 3*time.Second, "do", func() { at = time.Since(start) })).To(Succeed())
		g.Expect(at).To(Equal(3 * time.Second))
	})
}

func TestDoGivesUpWithItsContext(t *testing.T) {
	g := NewWithT(t)
	in(t, func(ctx context.Context, l *loop.Loop) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		ran := false
		g.Expect(l.Do(short, time.Minute, "do", func() { ran = true })).To(MatchError(loop.ErrCancelled))
		rest(ctx, l, time.Hour)
		g.Expect(ran).To(BeFalse())
	})
}

// A deadline that falls on the very instant of the callback: the loop lets the waiting goroutine go first, always.
func TestDoWithDeadlineAtTheInstantOfTheCallbackNeverRuns(t *testing.T) {
	g := NewWithT(t)
	for range 50 {
		in(t, func(ctx context.Context, l *loop.Loop) {
			rest(ctx, l, 0)
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			ran := false
			g.Expect(l.Do(short, time.Second, "do", func() { ran = true })).To(MatchError(loop.ErrCancelled))
			rest(ctx, l, time.Second)
			g.Expect(ran).To(BeFalse())
		})
	}
}

func TestRunWorksInRealTimeToo(t *testing.T) {
	g := NewWithT(t)
	ctx, stop := context.WithCancel(context.Background())
	l := loop.New()
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	g.Expect(l.Do(ctx, time.Millisecond, "live", func() {})).To(Succeed())
	stop()
	g.Eventually(ended).WithTimeout(20 * time.Second).Should(BeClosed())
}

func ExampleLoop() {
	ctx, stop := context.WithCancel(context.Background())
	l := loop.New()
	l.After(2*time.Millisecond, "probe", func() { fmt.Println("probe"); stop() })
	l.After(1*time.Millisecond, "query", func() { fmt.Println("query") })
	l.Run(ctx)
	// Output:
	// query
	// probe
}

func BenchmarkEvents(b *testing.B) {
	l := loop.New()
	ctx, stop := context.WithCancel(context.Background())
	left := b.N
	var next func()
	next = func() {
		if left--; left <= 0 {
			stop()
			return
		}
		l.After(0, "next", next)
	}
	l.After(0, "next", next)
	b.ReportAllocs()
	l.Run(ctx)
}
