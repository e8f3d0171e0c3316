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
type Worker struct {
	responder *Responder
	q         query
	d         Decision
	seen      quickQuery
	scratch   scratch

	// The query's message, where its reply goes, and how long that may be.
	wire, buf []byte
	limit     int
	reply     quickReply
}

// NewWorker returns a Worker that answers from what is published to r.
func (r *Responder) NewWorker() *Worker { return &Worker{responder: r} }

// Answer answers one message. The reply is written into buf if that is long
// enough; nil means that nothing is sent.
func (w *Worker) Answer(wire, buf []byte, c Client) ([]byte, Verdict) {
	if len(buf) >= mdns.MinMsgSize && w.seen.read(wire) {
		if reply, v, ok := w.quick(wire, buf, c); ok {
			return reply, v
		}
	}
	var reply []byte
	reply, w.d = w.responder.RespondWire(wire, buf, c)
	return reply, Verdict{Outcome: w.d.Outcome, Drop: w.d.Drop, Rcode: w.d.Rcode, Truncated: w.d.Truncated}
}
