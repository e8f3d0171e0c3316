package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// eventLine is the layout of one line of events.jsonl.
type eventLine struct {
	At    int64  `json:"at_ms"` // whole milliseconds from clock zero
	Nanos int64  `json:"at_ns"` // the exact instant, nanoseconds from clock zero
	Actor string `json:"actor"`
	Kind  string `json:"kind"`
	Text  string `json:"text"`
}

// Events writes events.jsonl: one JSON object a line for each event, in the order of the run. at_ns is the exact
// instant, at_ms the same as in report.json. The error is w's.
func Events(w io.Writer, r *result.Result) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, e := range r.Events {
		line := eventLine{
			At:    time.Duration(e.At).Milliseconds(),
			Nanos: e.Nanos,
			Actor: e.Actor,
			Kind:  e.Kind,
			Text:  e.Text,
		}
		if err := enc.Encode(line); err != nil {
			return fmt.Errorf("reports: write an event as JSON: %w", err)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
