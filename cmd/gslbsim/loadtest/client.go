package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	mdns "github.com/miekg/dns"
)

// window is how many queries may wait for their replies at a time.
const window = 4096

// client sends queries over one UDP socket and counts what comes back.
type client struct {
	conn    *net.UDPConn
	trace   []Question
	counts  *Counts
	timeout time.Duration

	mu      sync.Mutex
	waiting map[uint16]int // index of the trace's line by message id
	nextID  uint16
}

func (p *Plan) newClient(counts *Counts) (*client, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(p.Server))
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(4 << 20) // as much as the system gives
	return &client{conn: conn, trace: p.Trace, counts: counts, timeout: p.Timeout, waiting: map[uint16]int{}}, nil
}

// play sends n queries, line by line, at a rate in queries a second, 0 for
// as fast as replies come, and waits for the replies.
func (c *client) play(ctx context.Context, rate float64, n int) error {
	return c.run(ctx, func(i int) (line int, due float64, more bool) {
		if rate > 0 {
			due = float64(i) / rate
		}
		return i % len(c.trace), due, i < n && ctx.Err() == nil
	})
}

// sample sends drawn lines at drawn instants around a rate until enough ends,
// at least so many.
func (c *client) sample(ctx, enough context.Context, rate float64, least int, chance *rand.Rand) error {
	at := 0.0
	return c.run(ctx, func(i int) (line int, due float64, more bool) {
		at += chance.ExpFloat64() / rate
		return chance.IntN(len(c.trace)), at, ctx.Err() == nil && (i < least || enough.Err() == nil)
	})
}

// run sends what next says, due in seconds from the begin.
func (c *client) run(ctx context.Context, next func(i int) (line int, due float64, more bool)) error {
	received := make(chan struct{})
	go func() {
		defer close(received)
		c.receive()
	}()
	defer func() {
		_ = c.conn.Close()
		<-received
	}()
	began := time.Now()
	for i := 0; ; i++ {
		line, due, more := next(i)
		if !more {
			break
		}
		c.pause(ctx, began.Add(time.Duration(due*float64(time.Second))))
		if err := c.send(line); err != nil {
			return err
		}
	}
	c.drain(ctx)
	return nil
}

// pause waits for an instant and until there is room in the window.
func (c *client) pause(ctx context.Context, until time.Time) {
	wait(ctx, time.Until(until))
	for full := time.Now().Add(c.timeout); c.inFlight() >= window && time.Now().Before(full) && ctx.Err() == nil; {
		wait(ctx, time.Millisecond)
	}
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (c *client) inFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

func (c *client) send(line int) error {
	c.mu.Lock()
	c.nextID++
	id := c.nextID
	if old, taken := c.waiting[id]; taken { // 65,536 queries ago
		c.counts.lose(c.trace[old])
	}
	c.waiting[id] = line
	c.mu.Unlock()
	q := c.trace[line]
	msg := new(mdns.Msg).SetQuestion(q.Name, q.Type)
	msg.Id, msg.RecursionDesired = id, false
	wire, err := msg.Pack()
	if err != nil {
		return fmt.Errorf("%v: %w", q, err)
	}
	c.counts.send(q)
	// A refused datagram is a lost query, which shows by itself.
	_, _ = c.conn.Write(wire)
	return nil
}

// receive counts replies until the socket is closed.
func (c *client) receive() {
	buf := make([]byte, mdns.MaxMsgSize)
	for {
		n, err := c.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var reply mdns.Msg
		if err != nil || reply.Unpack(buf[:n]) != nil || !reply.Response {
			continue // nobody listens there, or it is not a reply
		}
		c.mu.Lock()
		line, known := c.waiting[reply.Id]
		known = known && len(reply.Question) == 1 && reply.Question[0].Name == c.trace[line].Name
		if known {
			delete(c.waiting, reply.Id)
		}
		c.mu.Unlock()
		if known {
			c.counts.answer(c.trace[line], &reply)
		}
	}
}

// drain waits for replies that are still under way and gives up the others.
func (c *client) drain(ctx context.Context) {
	for end := time.Now().Add(c.timeout); c.inFlight() > 0 && time.Now().Before(end) && ctx.Err() == nil; {
		wait(ctx, time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.waiting {
		c.counts.lose(c.trace[line])
	}
	clear(c.waiting)
}
