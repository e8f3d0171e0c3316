package querylog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

// sink keeps entries, fails while err is set, and waits while it is held.
type sink struct {
	mu      sync.Mutex
	entries []querylog.Entry
	flushed int
	err     error
	hold    chan struct{} // Write waits for it; nil: not at all
}

func (s *sink) Write(e *querylog.Entry) error {
	if s.hold != nil {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.entries = append(s.entries, *e)
	}
	return s.err
}

func (s *sink) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushed = len(s.entries)
	return s.err
}

// offer gives a stream the way a server does.
func offer(s *querylog.Stream, w *dns.Worker, name string, qtype uint16, at time.Time) {
	wire, err := new(mdns.Msg).SetQuestion(name, qtype).Pack()
	if err != nil {
		panic(err)
	}
	reply, v := w.Answer(wire, make([]byte, dns.MaxUDPSize), dns.Client{Addr: netip.MustParseAddr("10.10.24.3")})
	if !s.Wants(&v, at) {
		return
	}
	x := &querylog.Exchange{
		Query: wire, Reply: reply, Decision: w.Decision(v), At: at, Worker: 3,
		Client: netip.MustParseAddrPort("10.10.24.3:40000"), Server: netip.MustParseAddrPort("10.10.24.186:53"),
	}
	s.Note(x)
	for i := range wire { // the server uses its buffers again
		wire[i] = 0xff
	}
	for i := range reply {
		reply[i] = 0xff
	}
	clear(x.Decision.Members)
}

func TestStreamWritesWhatWasAsked(t *testing.T) {
	g := NewWithT(t)
	out := &sink{}
	s := querylog.NewStream(querylog.StreamConfig{VirtualService: "vs", ServiceEngine: "se", Writer: out})
	w := canary().NewWorker()
	offer(s, w, "Hello.avi.iberia.local.", mdns.TypeA, noon)    // the quick path
	offer(s, w, "mail.avi.iberia.local.", mdns.TypeMX, noon)    // the long one
	offer(s, w, "no.avi.iberia.local.", mdns.TypeA, noon)       // NXDOMAIN
	s.Note(&querylog.Exchange{Query: []byte("no DNS message")}) // nothing of it can be read
	s.Close()
	offer(s, w, "hello.avi.iberia.local.", mdns.TypeA, noon) // too late, and harmless

	g.Expect(out.entries).To(HaveLen(4))
	g.Expect(out.flushed).To(Equal(4))
	hello, mail, no := out.entries[0], out.entries[1], out.entries[2]
	want := asked(canary(), "Hello.avi.iberia.local.", mdns.TypeA, noon)
	want.ID, want.VirtualService, want.ServiceEngine, want.VCPU = 1, "vs", "se", 3
	want.Request.ID = hello.Request.ID
	g.Expect(hello).To(Equal(want))
	g.Expect(mail.Response.Records[0].Target).To(Equal("mx.example."))
	g.Expect(no.Significance).To(Equal(querylog.NoRecord))
	g.Expect(out.entries[3].RxBytes).To(Equal(14))
	g.Expect(s.Counts().Written).To(BeEquivalentTo(4))
}

// Significant entries and others are throttled each for themselves, and what is throttled never reaches the writer.
func TestStreamThrottles(t *testing.T) {
	g := NewWithT(t)
	out := &sink{}
	policy := querylog.DefaultPolicy(noon)
	policy.Exclude = []string{querylog.InvalidDomain}
	s := querylog.NewStream(querylog.StreamConfig{Policy: policy, Writer: out})
	w := canary().NewWorker()
	burst := func(at time.Time) {
		for range 50 {
			offer(s, w, "hello.avi.iberia.local.", mdns.TypeA, at)
		}
		for range 50 {
			offer(s, w, "no.avi.iberia.local.", mdns.TypeA, at)
		}
		offer(s, w, "no.example.", mdns.TypeA, at) // excluded: one of the others
	}
	burst(noon)
	g.Expect(s.Counts().Throttled).To(BeEquivalentTo(101 - 20))
	burst(noon.Add(time.Second))
	burst(noon.Add(30 * time.Minute)) // only significant ones from here on
	s.Close()
	g.Expect(out.entries).To(HaveLen(20 + 20 + 10))
	significant := 0
	for _, e := range out.entries {
		if e.Significance != "" {
			significant++
		}
	}
	g.Expect(significant).To(Equal(30))
	g.Expect(s.Counts()).To(Equal(querylog.StreamCounts{Written: 50, Throttled: 3*101 - 50}))
}

// A writer that hangs costs entries, never the server's time; one that fails is told of once.
func TestStreamNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		var failures []string
		out := &sink{hold: make(chan struct{})} // the disk hangs
		s := querylog.NewStream(querylog.StreamConfig{Writer: out, Queue: 4, Failed: func(err error) { failures = append(failures, err.Error()) }})
		w := canary().NewWorker()
		ask := func(n int) {
			for range n {
				offer(s, w, "hello.avi.iberia.local.", mdns.TypeA, noon)
			}
		}
		ask(1)
		synctest.Wait() // the writer has the first one in hand
		ask(10)
		close(out.hold)
		synctest.Wait()
		g.Expect(s.Counts()).To(Equal(querylog.StreamCounts{Written: 5, Overflowed: 6}))

		out.mu.Lock()
		out.err = errors.New("disk full")
		out.mu.Unlock()
		ask(2)
		synctest.Wait()
		g.Expect(failures).To(Equal([]string{"disk full"}))
		out.mu.Lock()
		out.err = nil
		out.mu.Unlock()
		ask(1)
		s.Close()
		g.Expect(s.Counts()).To(Equal(querylog.StreamCounts{Written: 6, Overflowed: 6, Failed: 2}))
	})
}

func TestJSONLines(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	w := querylog.NewJSONWriter(&out)
	e := asked(canary(), "hello.avi.iberia.local.", mdns.TypeA, noon)
	g.Expect(w.Write(&e)).To(Succeed())
	g.Expect(w.Write(&e)).To(Succeed())
	g.Expect(w.Flush()).To(Succeed())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	g.Expect(lines).To(HaveLen(2))
	var got map[string]any
	g.Expect(json.Unmarshal([]byte(lines[1]), &got)).To(Succeed())
	g.Expect(got).To(HaveKeyWithValue("dns_fqdn", "hello.avi.iberia.local"))

	failing := querylog.NewJSONWriter(broken{})
	g.Expect(failing.Write(&e)).To(Succeed()) // gathered
	g.Expect(failing.Flush()).NotTo(Succeed())
}
