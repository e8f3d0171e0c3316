package loadtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"time"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Plan is one load test.
type Plan struct {
	Path   string // of the trace
	Trace  []Question
	Table  *dns.Table // what the server serves
	Server netip.AddrPort
	// Rate is how many queries are sent a second; 0: as fast as replies come.
	Rate float64
	// Queries is how many are sent at least; the trace is repeated whole.
	Queries int
	// Driver says who sends the queries.
	Driver Driver
	// Timeout is after which a query without a reply is lost; 0: 5 s, that of
	// dnsperf. dnsperf takes whole seconds.
	Timeout time.Duration
	// Progress is told every second, may be nil.
	Progress func(line string)
}

// Driver is who sends the queries.
type Driver string

const (
	// Automatic: dnsperf if it is installed, else the built-in client.
	Automatic Driver = "auto"
	// Dnsperf sends the load, while the built-in client samples the answers
	// at a tenth of the rate: dnsperf does not tell them.
	Dnsperf Driver = "dnsperf"
	// BuiltIn: the built-in client sends and counts everything.
	BuiltIn Driver = "builtin"
)

// Drivers lists them.
func Drivers() []string { return []string{string(Automatic), string(Dnsperf), string(BuiltIn)} }

// Outcome is what a load test came to.
type Outcome struct {
	Driver   Driver
	Sent     int
	Took     time.Duration
	Promises []result.Promise
	Verdict  result.Verdict
}

// How answers are sampled beside dnsperf.
const (
	sampleShare = 0.1
	sampleRate  = 1000.0 // queries a second, where the load has no rate, and at most
	sampleLeast = 60     // queries for each question, even if dnsperf is done sooner
)

// Run plays the trace and judges the answers every second and at the end. It
// blocks until all queries are answered or lost, or ctx ends, which is an
// error.
func (p *Plan) Run(ctx context.Context) (*Outcome, error) {
	if p.Timeout == 0 {
		p.Timeout = 5 * time.Second
	}
	o := &Outcome{Driver: p.Driver}
	if o.Driver == Automatic {
		o.Driver = BuiltIn
		if _, err := exec.LookPath(dnsperf); err == nil {
			o.Driver = Dnsperf
		}
	}
	w := p.watch(ctx)
	began := time.Now()
	load := p.byItself
	if o.Driver == Dnsperf {
		load = p.byDnsperf
	}
	lost, err := load(ctx, w, o)
	w.stop()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	o.Took = time.Since(began)
	o.Promises = append([]result.Promise{nothingLost(o.Sent, lost, p.silent(o.Sent))}, w.judgeAll()...)
	if o.Driver == Dnsperf {
		o.Promises = append(o.Promises, w.samplesLost())
	}
	o.Verdict = verdict(o.Promises)
	return o, nil
}

// rounds is how often the trace is played.
func (p *Plan) rounds() int { return (p.Queries + len(p.Trace) - 1) / len(p.Trace) }

// silent is how many of the queries sent must stay without reply.
func (p *Plan) silent(sent int) int {
	each := 0
	for _, q := range p.Trace {
		if Expect(p.Table, q).Silent() {
			each++
		}
	}
	return sent / len(p.Trace) * each
}

func (p *Plan) byItself(ctx context.Context, w *watcher, o *Outcome) (lost int, err error) {
	c, err := p.newClient(w.counts)
	if err != nil {
		return 0, err
	}
	err = c.play(ctx, p.Rate, p.rounds()*len(p.Trace))
	for _, n := range w.counts.read() {
		o.Sent += n.Sent
		lost += n.Lost
	}
	return lost, err
}

// byDnsperf samples at drawn instants: a sampler in step with the load would
// always see the same turns.
func (p *Plan) byDnsperf(ctx context.Context, w *watcher, o *Outcome) (lost int, err error) {
	c, err := p.newClient(w.counts)
	if err != nil {
		return 0, err
	}
	rate := sampleRate
	if p.Rate > 0 {
		rate = min(p.Rate*sampleShare, sampleRate)
	}
	loading, done := context.WithCancel(ctx)
	defer done()
	sampled := make(chan error, 1)
	go func() {
		sampled <- c.sample(ctx, loading, rate, min(sampleLeast*len(w.questions), p.Queries), rand.New(rand.NewPCG(1, 2)))
	}()
	o.Sent, lost, err = p.runDnsperf(ctx)
	done()
	if failed := <-sampled; err == nil {
		err = failed
	}
	return lost, err
}

// watcher judges while the load runs.
type watcher struct {
	plan      *Plan
	counts    *Counts
	questions []Question // each once, in the order of the trace
	expect    map[Question]Expectation
	broken    map[Question]result.Promise // judged so on the way
	stop      func()
}

func (p *Plan) watch(ctx context.Context) *watcher {
	w := &watcher{plan: p, counts: newCounts(), expect: map[Question]Expectation{}, broken: map[Question]result.Promise{}}
	for _, q := range p.Trace {
		if _, known := w.expect[q]; !known {
			w.expect[q] = Expect(p.Table, q)
			w.questions = append(w.questions, q)
		}
	}
	watching, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	w.stop = func() {
		cancel()
		<-over
	}
	go func() {
		defer close(over)
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for began := time.Now(); ; {
			select {
			case <-watching.Done():
				return
			case <-ticks.C:
				w.tick(time.Since(began))
			}
		}
	}()
	return w
}

// tick judges what there is so far.
func (w *watcher) tick(at time.Duration) {
	answered, lost := 0, 0
	counts := w.counts.read()
	for _, q := range w.questions {
		n := counts[q]
		answered += n.Answered
		if !w.expect[q].Silent() {
			lost += n.Lost
		}
		if _, already := w.broken[q]; already {
			continue
		}
		if p := judge(q, w.expect[q], n); p.Verdict == result.Broken {
			p.Detail += fmt.Sprintf(", %v after the begin", at.Round(time.Second))
			w.broken[q] = p
		}
	}
	if w.plan.Progress != nil {
		line := fmt.Sprintf("%4.0fs  %d answers, %d lost", at.Seconds(), answered, lost)
		if len(w.broken) > 0 {
			line += fmt.Sprintf(", %d of %d names answered wrongly", len(w.broken), len(w.questions))
		}
		w.plan.Progress(line)
	}
}

// judgeAll judges every question; what was broken on the way stays so.
func (w *watcher) judgeAll() []result.Promise {
	counts := w.counts.read()
	out := make([]result.Promise, 0, len(w.questions))
	for _, q := range w.questions {
		if p, broken := w.broken[q]; broken {
			out = append(out, p)
			continue
		}
		out = append(out, judge(q, w.expect[q], counts[q]))
	}
	return out
}

// samplesLost promises that of the samples nothing is lost either.
func (w *watcher) samplesLost() result.Promise {
	sent, lost, silent := 0, 0, 0
	for q, n := range w.counts.read() {
		sent += n.Sent
		lost += n.Lost
		if w.expect[q].Silent() {
			silent += n.Sent
		}
	}
	p := nothingLost(sent, lost, silent)
	p.Name = "no sample is lost"
	return p
}
