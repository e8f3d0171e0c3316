package dns

import mdns "github.com/miekg/dns"

// Verdict is what a Worker did with a query.
type Verdict struct {
	// Outcome is what was done, Drop why there was no reply.
	Outcome Outcome
	Drop    DropReason
	// Rcode of the reply, also where it stands in an OPT record.
	Rcode int
	// Truncated: the reply was cut to the size limit.
	Truncated bool
	// Quick: the query was answered without being parsed into a message.
	Quick bool
}

// Worker answers messages in wire format for one goroutine at a time. It
// gives exactly the replies of Responder.RespondWire, with the same turns of
// the same cursors, but puts those to common questions together from bytes,
// without allocating: A, AAAA and CNAME of GSLB services, addresses of
// records, and names or types that do not exist. All else it hands to the
// responder.
//
// Messages that have arrived together are cheaper together: Open shows them
// all to the Worker, which looks their names up, then Reply answers them one
// after the other. Answer does both for one message.
type Worker struct {
	responder *Responder
	q         query
	d         Decision
	scratch   scratch

	// What Open found out, and the table in which it looked.
	table *Table
	asked [MaxBatch]asked
	sum   uint64 // of what touch read, so that it is not left out

	// Answer's batch and client.
	one    [1][]byte
	client Client

	// The query that is being answered, its message, where its reply goes,
	// and how long that may be.
	seen      *quickQuery
	wire, buf []byte
	limit     int
	reply     quickReply
	told      rotaAnswer
}

// MaxBatch is how many messages a Worker takes together.
const MaxBatch = 64

// NewWorker returns a Worker that answers from what is published to r.
func (r *Responder) NewWorker() *Worker { return &Worker{responder: r} }

// Answer answers one message. The reply is written into buf if that is long
// enough; nil means that nothing is sent.
func (w *Worker) Answer(wire, buf []byte, c Client) ([]byte, Verdict) {
	w.one[0], w.client = wire, c
	w.Open(w.one[:])
	return w.Reply(0, buf, &w.client)
}

// Open begins a batch of at most MaxBatch messages, which must not change
// until Close. All of them are answered from the table that is published at
// this moment or a later one.
func (w *Worker) Open(messages [][]byte) {
	w.table = w.responder.table.Load()
	for i, wire := range messages {
		w.asked[i].read(wire)
	}
	if w.table != nil {
		w.lookAhead(w.asked[:len(messages)])
	}
}

// Reply answers the i-th message of the batch, as Answer does. Each message
// is answered once, or not at all, in any order. The client must not change
// before the next Reply or Close.
func (w *Worker) Reply(i int, buf []byte, c *Client) ([]byte, Verdict) {
	a := &w.asked[i]
	if a.plain && len(buf) >= mdns.MinMsgSize && w.table != nil {
		if reply, v, ok := w.quick(a, buf, c); ok {
			return reply, v
		}
	}
	var reply []byte
	reply, w.d = w.responder.RespondWire(a.wire, buf, *c)
	return reply, Verdict{Outcome: w.d.Outcome, Drop: w.d.Drop, Rcode: w.d.Rcode, Truncated: w.d.Truncated}
}

// Close ends the batch, so that the Worker keeps no old table in memory. It
// may be left out, and comes after the last Decision about the batch.
func (w *Worker) Close() { w.table, w.q.table = nil, nil }
