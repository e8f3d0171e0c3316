package main

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"
)

// TestAviSurvivesKill kills the program while four clients write, several times, and looks for every write that was acknowledged.
func TestAviSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	g := NewWithT(t)
	dir := t.TempDir()
	l := &ledger{states: map[string][]string{}}
	for round := range 3 {
		p := startAvi(t, "--listen", "127.0.0.1:0", "--data", dir)
		l.check(g, login(t, p.host(0)))
		before := l.count()
		var writers sync.WaitGroup
		for w := range 4 {
			c := login(t, p.host(0))
			writers.Go(func() {
				for i := 0; l.write(c, fmt.Sprintf("pool-%d-%d-%d", round, w, i), i) == nil; i++ {
				}
			})
		}
		g.Eventually(l.count).WithTimeout(20 * time.Second).Should(BeNumerically(">", before+100))
		g.Expect(p.Process.Signal(syscall.SIGKILL)).To(Succeed())
		writers.Wait()
	}
	p := startAvi(t, "--listen", "127.0.0.1:0", "--data", dir)
	l.check(g, login(t, p.host(0)))
}

// States of a pool, apart from its port when it has one of its own.
const (
	poolGone = "gone"
	poolNew  = "80"
)

// ledger holds the states in which pools may be: after an acknowledged write the one that it made; before one is acknowledged also the
// one before it.
type ledger struct {
	mu           sync.Mutex
	states       map[string][]string // by the pool's name
	acknowledged int
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acknowledged
}

// change makes one write, from a state of a pool to another.
func (l *ledger) change(name, from, to string, write func() error) error {
	l.mu.Lock()
	l.states[name] = []string{from, to}
	l.mu.Unlock()
	if err := write(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[name] = []string{to}
	l.acknowledged++
	return nil
}

// write makes a pool and changes it; every fourth is deleted again.
func (l *ledger) write(c *clients.AviClient, name string, i int) error {
	var pool *models.Pool
	port := int32(1000 + i)
	if err := l.change(name, poolGone, poolNew, func() (err error) {
		pool, err = c.Pool.Create(&models.Pool{Name: &name})
		return err
	}); err != nil {
		return err
	}
	pool.DefaultServerPort = &port
	if err := l.change(name, poolNew, fmt.Sprint(port), func() error {
		_, err := c.Pool.Update(pool)
		return err
	}); err != nil || i%4 != 3 {
		return err
	}
	return l.change(name, fmt.Sprint(port), poolGone, func() error { return c.Pool.Delete(*pool.UUID) })
}

// check compares what a controller holds with the ledger.
func (l *ledger) check(g *GomegaWithT, c *clients.AviClient) {
	found := map[string]string{}
	for page := 1; ; page++ {
		var reply struct {
			Results []*models.Pool
			Next    string
		}
		g.Expect(c.AviSession.Get(fmt.Sprintf("api/pool?page_size=200&page=%d", page), &reply)).To(Succeed())
		for _, pool := range reply.Results {
			found[*pool.Name] = fmt.Sprint(*pool.DefaultServerPort)
		}
		if reply.Next == "" {
			break
		}
	}
	for name, states := range l.states {
		state, ok := found[name]
		if !ok {
			state = poolGone
		}
		g.Expect(states).To(ContainElement(state), name)
	}
}
