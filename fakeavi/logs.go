package fakeavi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/alert"
	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Permissions of logs and alerts. That they are these is unconfirmed.
const (
	permissionLogs   = "PERMISSION_VIRTUALSERVICE"
	permissionAlerts = "PERMISSION_ALERT"
)

// makeLogs adds the search of logs, and the alerts, to the REST API.
func (c *Controller) makeLogs() error {
	c.api.Handle("GET /api/analytics/logs", answered(c.searchLogs))
	c.api.List("alert", api.Listing{
		Model: "Alert", Permission: permissionAlerts,
		Entries: func(r *http.Request) ([]map[string]any, error) { return c.visibleAlerts(r), nil },
	})
	c.api.Handle("DELETE /api/alert/{uuid}", answered(c.deleteAlert))
	c.api.Handle("PUT /api/alert/{uuid}", answered(c.dismissAlert))
	c.api.Handle("PATCH /api/alert/{uuid}", answered(c.dismissAlert))
	return nil
}

// answered makes a handler of a function that may refuse.
func answered(fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := fn(w, r); err != nil {
			api.WriteError(w, err)
		}
	})
}

// searchLogs answers GET /api/analytics/logs.
func (c *Controller) searchLogs(w http.ResponseWriter, r *http.Request) error {
	caller := api.CallerOf(r.Context())
	if !caller.MayRead(permissionLogs) {
		return store.Refuse(http.StatusForbidden, "no read access to logs (%s)", permissionLogs)
	}
	values, _ := url.ParseQuery(r.URL.RawQuery)
	q, err := analytics.Parse(values)
	if err != nil {
		return refuse("%v", err)
	}
	records, err := c.logRecords(&q, caller)
	if err != nil {
		return err
	}
	res := q.Run(records, time.Now())
	next := ""
	if q.HasNext(res) {
		values.Set("page", strconv.Itoa(q.Page+1))
		next = c.api.BaseURL(r) + "/api/analytics/logs?" + values.Encode()
	}
	text, err := q.Render(res, next)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", q.Format.ContentType())
	if q.Download {
		w.Header().Set("Content-Disposition", `attachment; filename="logs.`+string(q.Format)+`"`)
	}
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(text)
	return nil
}

// logRecords returns what a query searches, and makes the kind of logs definite.
func (c *Controller) logRecords(q *analytics.Query, caller *api.Caller) ([]analytics.Record, error) {
	if q.Kind == analytics.Events {
		return c.eventRecords(q, caller), nil
	}
	if q.VirtualService == "" {
		return nil, refuse("virtualservice: is required for logs of connections and applications")
	}
	o, ok := c.logged(q.VirtualService, caller)
	if !ok {
		return nil, store.NotFound("VirtualService")
	}
	e, err := c.answering(o)
	if q.Kind == analytics.Applications || err != nil && store.StatusOf(err) == http.StatusBadRequest {
		// Applications are not simulated beyond their health: they log nothing.
		q.Kind = analytics.Applications
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	q.Kind = analytics.Connections
	var out []analytics.Record
	for i, entry := range e.QueryLog(o.UUID) {
		text, err := json.Marshal(entry)
		if err != nil {
			return nil, err
		}
		record, err := analytics.ParseRecord(text)
		if err != nil {
			return nil, err
		}
		record["log_id"] = json.Number(strconv.Itoa(i + 1))
		out = append(out, record)
	}
	return out, nil
}

// logged finds the virtual service of a query, by uuid or name.
func (c *Controller) logged(name string, caller *api.Caller) (*store.Object, bool) {
	o, ok := c.store.Get("virtualservice", name)
	if !ok {
		o, ok = c.store.Lookup("virtualservice", caller.Tenant, name)
	}
	return o, ok && caller.Sees(o.Tenant)
}

// eventRecords returns the events of the tenants that the caller sees; a virtualservice narrows them to events about it.
func (c *Controller) eventRecords(q *analytics.Query, caller *api.Caller) []analytics.Record {
	var out []analytics.Record
	for _, e := range c.events.Events() {
		about := q.VirtualService == "" || e.ObjUUID == q.VirtualService || e.ObjName == q.VirtualService
		if about && caller.Sees(e.Tenant) {
			out = append(out, e.Record())
		}
	}
	return out
}

// visibleAlerts returns the alerts of the tenants that the caller sees.
func (c *Controller) visibleAlerts(r *http.Request) []map[string]any {
	caller := api.CallerOf(r.Context())
	var out []map[string]any
	for _, a := range c.alerts.Alerts() {
		ref, _ := a["tenant_ref"].(string)
		if caller.Sees(c.store.NameOf(strings.TrimPrefix(ref, "/api/tenant/"))) {
			out = append(out, a)
		}
	}
	return out
}

// alertOf checks that the caller may change the alert that a request names.
func (c *Controller) alertOf(r *http.Request) (uuid string, err error) {
	if !api.CallerOf(r.Context()).MayWrite(permissionAlerts) {
		return "", store.Refuse(http.StatusForbidden, "no write access to alerts (%s)", permissionAlerts)
	}
	for _, a := range c.visibleAlerts(r) {
		if a["uuid"] == r.PathValue("uuid") {
			return r.PathValue("uuid"), nil
		}
	}
	return "", store.NotFound("Alert")
}

func (c *Controller) deleteAlert(w http.ResponseWriter, r *http.Request) error {
	uuid, err := c.alertOf(r)
	if err != nil {
		return err
	}
	c.alerts.Delete(uuid)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// dismissAlert answers PUT and PATCH of an alert. Its state is all that can be changed, to dismissed.
func (c *Controller) dismissAlert(w http.ResponseWriter, r *http.Request) error {
	uuid, err := c.alertOf(r)
	if err != nil {
		return err
	}
	var body struct {
		State   string
		Replace struct{ State string }
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&body); err != nil {
		return refuse("the body is not JSON: %v", err)
	}
	if body.State != alert.StateDismissed && body.Replace.State != alert.StateDismissed {
		return refuse("Alert: state can be changed to %s only", alert.StateDismissed)
	}
	a, _ := c.alerts.Dismiss(uuid)
	return c.api.Reply(w, r, api.Part{Message: c.message("Alert"), Body: a})
}
