package alert

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// States of an alert.
const (
	StateOn        = "ALERT_STATE_ON"
	StateDismissed = "ALERT_STATE_DISMISSED"
)

// limit bounds the alerts that are kept; the oldest give way.
const limit = 1_000

// Book holds the alerts of one controller. It is safe for concurrent use.
type Book struct {
	store *store.Store

	mu      sync.Mutex
	stale   bool // configs are to be read again
	configs []config
	alerts  []*raised // oldest first
	history map[key]*times
	serial  uint64
}

// key names what an alert is about.
type key struct{ config, object string }

// times is when events of a key came within the rolling window, and when it was last alerted about.
type times struct {
	events []time.Time
	last   time.Time
	count  int // alerts that the throttle held back since then
}

type raised struct {
	body    map[string]any
	expires time.Time // zero: never
}

// New returns an empty book that follows the alertconfig objects of a store.
func New(s *store.Store) *Book {
	b := &Book{store: s, stale: true, history: map[key]*times{}}
	s.Subscribe(func(c store.Change) {
		switch c.Object().Type {
		case "alertconfig", "actiongroupconfig":
			b.mu.Lock()
			b.stale = true
			b.mu.Unlock()
		}
	})
	return b
}

// Raise makes the alerts that are configured for an event.
func (b *Book) Raise(e analytics.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	for i := range b.configs {
		if c := &b.configs[i]; c.matches(e) && b.due(c, e) {
			b.add(c, e)
		}
	}
}

// refresh reads the configurations again if they have changed. The caller holds mu.
func (b *Book) refresh() {
	if !b.stale {
		return
	}
	b.stale, b.configs = false, nil
	objects, _ := b.store.List("alertconfig", store.Query{})
	for _, o := range objects {
		if c, ok := readConfig(b.store, o); ok {
			b.configs = append(b.configs, c)
		}
	}
}

// historyMax bounds the keys that are remembered; beyond it all are forgotten.
const historyMax = 10_000

// due reports whether an event reaches the threshold within the rolling window and is not throttled. The caller holds mu.
func (b *Book) due(c *config, e analytics.Event) bool {
	k := key{c.uuid, e.ObjUUID + "/" + e.ID}
	t := b.history[k]
	if t == nil {
		if len(b.history) >= historyMax {
			clear(b.history)
		}
		t = &times{}
		b.history[k] = t
	}
	t.events = append(slices.DeleteFunc(t.events, func(at time.Time) bool { return c.window > 0 && e.At.Sub(at) > c.window }), e.At)
	if len(t.events) < c.threshold {
		return false
	}
	t.events = nil
	if !t.last.IsZero() && c.throttle > 0 && e.At.Sub(t.last) < c.throttle {
		t.count++
		return false
	}
	t.last, t.count = e.At, 0
	return true
}

// add makes an alert. The caller holds mu.
func (b *Book) add(c *config, e analytics.Event) {
	b.serial++
	uuid := b.store.DeriveUUID("alert", c.name, e.ObjUUID, fmt.Sprint(b.serial))
	r := &raised{body: map[string]any{
		"uuid": uuid, "url": "/api/alert/" + uuid, "name": fmt.Sprintf("%s-%s-%s-%d", c.name, e.ObjUUID, e.ID, e.At.Unix()),
		"alert_config_ref": "/api/alertconfig/" + c.uuid, "level": c.level, "state": StateOn, "reason": "threshold_exceeded",
		"obj_key": e.ObjUUID, "obj_uuid": e.ObjUUID, "obj_name": e.ObjName, "summary": c.describe(e), "description": e.Description,
		"timestamp": float64(e.At.UnixMicro()) / 1e6, "threshold": int64(c.threshold), "throttle_count": int64(0),
		"tenant_ref": tenantRef(b.store, e.Tenant), "related_uuids": []any{e.ObjUUID}, "events": []any{eventLog(e)},
	}}
	if c.expiry > 0 {
		r.expires = e.At.Add(c.expiry)
	}
	if len(b.alerts) >= limit {
		b.alerts = b.alerts[1:]
	}
	b.alerts = append(b.alerts, r)
}

func tenantRef(s *store.Store, name string) string { return "/api/tenant/" + s.TenantUUID(name) }

// eventLog builds the EventLog of an event, in canonical form.
func eventLog(e analytics.Event) map[string]any {
	out := map[string]any{
		"event_id": e.ID, "module": e.Module, "report_timestamp": e.At.UnixMicro(), "obj_type": e.ObjType, "obj_uuid": e.ObjUUID,
		"obj_name": e.ObjName, "tenant": e.Tenant, "event_description": e.Description, "internal": "EVENT_EXTERNAL",
	}
	if e.Details != nil {
		out["event_details"] = e.Details
	}
	return out
}

// expire forgets alerts that are over. The caller holds mu.
func (b *Book) expire(now time.Time) {
	b.alerts = slices.DeleteFunc(b.alerts, func(r *raised) bool { return !r.expires.IsZero() && !now.Before(r.expires) })
}

// Alerts returns the alerts that there are as Alert messages in canonical form, the latest first. They must not be changed.
func (b *Book) Alerts() []map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(time.Now())
	var out []map[string]any
	for _, r := range slices.Backward(b.alerts) {
		out = append(out, r.body)
	}
	return out
}

// Delete forgets an alert; false if there is none.
func (b *Book) Delete(uuid string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.alerts)
	b.alerts = slices.DeleteFunc(b.alerts, func(r *raised) bool { return r.body["uuid"] == uuid })
	return len(b.alerts) < before
}

// Dismiss marks an alert as dismissed and returns it; false if there is none.
func (b *Book) Dismiss(uuid string) (map[string]any, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.alerts {
		if r.body["uuid"] == uuid {
			body := map[string]any{}
			for k, v := range r.body {
				body[k] = v
			}
			body["state"] = StateDismissed
			r.body = body
			return body, true
		}
	}
	return nil, false
}
