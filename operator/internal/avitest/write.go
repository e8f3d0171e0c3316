package avitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// write applies a POST, PUT or DELETE, or refuses it.
func (c *Controller) write(w http.ResponseWriter, req Request, kind, uuid string) {
	switch {
	case c.settings.Self != c.settings.Leader:
		refuse(w, http.StatusBadRequest, "Config Operations can be done ONLY on leader")
		return
	case c.settings.Maintenance:
		refuse(w, http.StatusBadRequest, "GSLB system is in maintenance mode.")
		return
	}
	stored, exists := c.objects[kind][uuid]
	if uuid != "" && !exists {
		refuse(w, http.StatusNotFound, kind+" object not found!")
		return
	}
	if req.Verb == http.MethodDelete {
		c.delete(w, kind, uuid)
		return
	}
	o := map[string]any{}
	if err := json.Unmarshal([]byte(req.Body), &o); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	delete(o, "uuid")
	if exists {
		if stamp := o["_last_modified"]; stamp != nil && stamp != stored["_last_modified"] {
			refuse(w, http.StatusPreconditionFailed, "concurrent update of "+kind)
			return
		}
		o["uuid"] = uuid
	}
	if status, problem := c.check(kind, req.Tenant, o); problem != "" {
		refuse(w, status, problem)
		return
	}
	status := http.StatusOK
	if !exists {
		status = http.StatusCreated
	}
	reply(w, status, c.store(kind, req.Tenant, o))
}

func (c *Controller) delete(w http.ResponseWriter, kind, uuid string) {
	for _, s := range c.objects["gslbservice"] {
		if kind != "gslbservice" && strings.Contains(string(encode(s)), uuid) {
			refuse(w, http.StatusPreconditionFailed, fmt.Sprintf("Cannot delete, object is referred by: ['GslbService %s']", s["name"]))
			return
		}
	}
	delete(c.objects[kind], uuid)
	w.WriteHeader(http.StatusNoContent)
}

// check says why an object is not acceptable, and resolves its references.
func (c *Controller) check(kind, tenant string, o map[string]any) (status int, problem string) {
	name, _ := o["name"].(string)
	if other := c.find(kind, tenant, name); other != nil && other["uuid"] != o["uuid"] {
		if kind == "healthmonitor" {
			return http.StatusConflict, "Health monitor with this Name and Tenant ref already exists."
		}
		return http.StatusConflict, kind + " " + name + " exists"
	}
	if kind != "gslbservice" {
		return 0, ""
	}
	for _, other := range c.objects[kind] {
		for _, domain := range list(o["domain_names"]) {
			if other["uuid"] != o["uuid"] && slices.Contains(list(other["domain_names"]), domain) {
				return http.StatusBadRequest, fmt.Sprintf("%v domain name conflicting with existing domain name of %v", domain, other["name"])
			}
		}
	}
	if len(list(o["groups"])) == 0 || len(list(o["health_monitor_refs"])) > 6 {
		return http.StatusBadRequest, "groups or health_monitor_refs are out of range"
	}
	return c.resolve(tenant, o)
}

func (c *Controller) resolve(tenant string, o map[string]any) (status int, problem string) {
	refs := list(o["health_monitor_refs"])
	for i, ref := range refs {
		resolved, problem := c.resolved(tenant, ref)
		if problem != "" {
			return http.StatusNotFound, problem
		}
		refs[i] = resolved
	}
	for _, field := range []string{"application_persistence_profile_ref", "pki_profile_ref"} {
		if o[field] == nil {
			continue
		}
		resolved, problem := c.resolved(tenant, o[field])
		if problem != "" {
			return http.StatusNotFound, problem
		}
		o[field] = resolved
	}
	return 0, ""
}

func (c *Controller) resolved(tenant string, ref any) (url, problem string) {
	text, _ := ref.(string)
	path, _, _ := strings.Cut(text, "#")
	_, rest, _ := strings.Cut(path, "/api/")
	if kind, name, ok := strings.Cut(rest, "?name="); ok {
		o := c.find(kind, tenant, name)
		if o == nil {
			o = c.find(kind, "admin", name)
		}
		if o == nil {
			return "", kind + " object " + name + " not found!"
		}
		return o["url"].(string), ""
	}
	kind, uuid, _ := strings.Cut(rest, "/")
	o := c.objects[kind][uuid]
	if o == nil {
		return "", kind + " object " + uuid + " not found!"
	}
	return o["url"].(string), ""
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
