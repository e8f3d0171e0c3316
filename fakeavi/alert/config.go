package alert

import (
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// config is an alertconfig object.
type config struct {
	uuid, name, tenant, summary, level string
	objectType, objectUUID             string
	any                                bool // one rule is enough
	rules                              []rule
	threshold                          int
	window, throttle, expiry           time.Duration
}

// thresholdMax bounds the events that are counted for one alert.
const thresholdMax = 10_000

// rule is one sys_event_rule.
type rule struct {
	event   string
	not     bool
	details []detail
}

// detail is a condition on a field of the event's details, wherever it is in them.
type detail struct{ key, value, comparator string }

// readConfig reads an alertconfig; false if it is about something else than events, or off.
func readConfig(s *store.Store, o *store.Object) (config, bool) {
	b := o.Body()
	if b["enabled"] == false || b["source"] != "EVENT_LOGS" {
		return config{}, false
	}
	body, _ := b["alert_rule"].(map[string]any)
	c := config{
		uuid: o.UUID, name: o.Name, tenant: o.Tenant, summary: text(b, "summary"), level: levelOf(s, text(b, "action_group_ref")),
		objectType: text(b, "object_type"), objectUUID: text(b, "obj_uuid"), any: body["operator"] == "OPERATOR_OR",
		threshold: min(max(1, int(number(b, "threshold"))), thresholdMax), window: seconds(b, "rolling_window"), throttle: seconds(b, "throttle"),
		expiry: seconds(b, "expiry_time"),
	}
	for _, m := range messages(body, "sys_event_rule") {
		r := rule{event: text(m, "event_id"), not: m["not_cond"] == true}
		for _, d := range messages(m, "event_details") {
			r.details = append(r.details, detail{
				key: text(d, "event_details_key"), value: text(d, "event_details_value"), comparator: text(d, "comparator"),
			})
		}
		c.rules = append(c.rules, r)
	}
	return c, len(c.rules) > 0
}

// levelOf is the level of an action group; an alert without one is low.
func levelOf(s *store.Store, ref string) string {
	if t, ok := store.ParseTarget(ref); ok {
		if group, ok := s.Get(t.Type, t.UUID); ok {
			return text(group.Body(), "level")
		}
	}
	return "ALERT_LOW"
}

func (c *config) matches(e analytics.Event) bool {
	if c.objectType != "" && c.objectType != e.ObjType || c.objectUUID != "" && c.objectUUID != e.ObjUUID {
		return false
	}
	for _, r := range c.rules {
		if hit := r.matches(e); hit && c.any {
			return true
		} else if !hit && !c.any {
			return false
		}
	}
	return !c.any
}

func (r *rule) matches(e analytics.Event) bool {
	hit := r.event == e.ID
	for _, d := range r.details {
		hit = hit && d.holds(e.Details)
	}
	return hit != r.not
}

// operators maps the API's comparators to those of log filters.
var operators = map[string]string{
	"ALERT_OP_LT": "lt", "ALERT_OP_LE": "le", "ALERT_OP_EQ": "eq", "ALERT_OP_NE": "ne", "ALERT_OP_GE": "ge", "ALERT_OP_GT": "gt",
}

func (d detail) holds(details map[string]any) bool {
	f := analytics.Filter{Operator: operators[d.comparator], Field: d.key, Values: []string{d.value}}
	if f.Operator == "" {
		f.Operator = "eq"
	}
	// The key may leave out the message that holds it: se_hm_gs_details.gslb_service is also gslb_service.
	places := append(inner(details), details)
	if f.Operator == "ne" {
		return !slices.ContainsFunc(places, func(m map[string]any) bool { return !f.Holds(m) })
	}
	return slices.ContainsFunc(places, func(m map[string]any) bool { return f.Holds(m) })
}

func inner(details map[string]any) []map[string]any {
	var out []map[string]any
	for _, v := range details {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func text(body map[string]any, key string) string { s, _ := body[key].(string); return s }

func number(body map[string]any, key string) int64 { n, _ := body[key].(int64); return n }

func seconds(body map[string]any, key string) time.Duration {
	return time.Duration(number(body, key)) * time.Second
}

func messages(body map[string]any, key string) []map[string]any {
	list, _ := body[key].([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// describe is the summary of an alert: the configuration's, with the event's own words in it.
func (c *config) describe(e analytics.Event) string {
	if c.summary == "" {
		return e.Description
	}
	return strings.TrimSuffix(c.summary, ".") + ": " + e.Description
}
