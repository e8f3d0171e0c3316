package analytics

import (
	"encoding/json"
	"sync"
	"time"
)

// Event is something that happened at a controller, as its event log holds it.
type Event struct {
	At time.Time
	// ID, Module and ObjType are in the API's words, such as GS_DOWN, SE_HM and GSLBSERVICE.
	ID, Module, ObjType string
	ObjUUID, ObjName    string
	Tenant              string
	// Description is a sentence for people. UNCONFIRMED: the product's wording.
	Description string
	// Details are the fields of an EventDetails message in canonical form; may be nil.
	Details map[string]any
	// Config: the event is about a change of configuration, else about operation.
	Config bool
}

// Record returns the event as a search shows it: an EventLog message whose report_timestamp is an ISO 8601 text.
func (e Event) Record() Record {
	context := "EVENT_CONTEXT_SYSTEM"
	if e.Config {
		context = "EVENT_CONTEXT_CONFIG"
	}
	r := Record{
		"report_timestamp": Timestamp(e.At), "event_id": e.ID, "module": e.Module, "context": context, "internal": "EVENT_EXTERNAL",
		"obj_type": e.ObjType, "obj_uuid": e.ObjUUID, "obj_name": e.ObjName, "tenant": e.Tenant, "tenant_name": e.Tenant,
		"event_description": e.Description, "is_security_event": false,
	}
	if e.Details != nil {
		r["event_details"] = plain(e.Details)
	}
	return r
}

// Timestamp writes an instant as records have it: ISO 8601 in UTC, in microseconds.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// plain brings a canonical body into the form of records: numbers are json.Number.
func plain(body map[string]any) any {
	text, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	r, err := ParseRecord(text)
	if err != nil {
		return nil
	}
	return r
}

// EventLog keeps the latest events. It is safe for concurrent use.
type EventLog struct {
	limit int

	mu     sync.Mutex
	events []Event // a ring once it has reached the limit
	next   int
}

// NewEventLog returns an empty log that keeps limit > 0 events.
func NewEventLog(limit int) *EventLog { return &EventLog{limit: limit} }

// Add appends an event; the oldest gives way if the log is full.
func (l *EventLog) Add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) < l.limit {
		l.events = append(l.events, e)
		return
	}
	l.events[l.next] = e
	l.next = (l.next + 1) % l.limit
}

// Events returns what is kept, oldest first.
func (l *EventLog) Events() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(append([]Event(nil), l.events[l.next:]...), l.events[:l.next]...)
}
