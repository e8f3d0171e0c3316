package loadtest

import (
	"maps"
	"sync"

	mdns "github.com/miekg/dns"
)

// Counts is what was answered so far. It is safe for concurrent use.
type Counts struct {
	mu    sync.Mutex
	byAsk map[Question]*Count
}

// Count is what one question was answered.
type Count struct {
	Sent, Answered, Lost int
	Answers              map[string]int
	Rcodes               map[int]int
}

func newCounts() *Counts { return &Counts{byAsk: map[Question]*Count{}} }

// of returns a question's count; c.mu is held.
func (c *Counts) of(q Question) *Count {
	n := c.byAsk[q]
	if n == nil {
		n = &Count{Answers: map[string]int{}, Rcodes: map[int]int{}}
		c.byAsk[q] = n
	}
	return n
}

func (c *Counts) send(q Question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(q).Sent++
}

func (c *Counts) lose(q Question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of(q)
	n.Lost++
	n.Answers[Silence]++
}

func (c *Counts) answer(q Question, reply *mdns.Msg) {
	answer := name(reply)
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of(q)
	n.Answered++
	n.Answers[answer]++
	n.Rcodes[reply.Rcode]++
}

// read returns a copy.
func (c *Counts) read() map[Question]Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[Question]Count, len(c.byAsk))
	for q, n := range c.byAsk {
		copied := *n
		copied.Answers, copied.Rcodes = maps.Clone(n.Answers), maps.Clone(n.Rcodes)
		out[q] = copied
	}
	return out
}
