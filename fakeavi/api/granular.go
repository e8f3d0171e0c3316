package api

import (
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// over returns the level that the user has over an object of a type: that of its roles in the object's tenant whose filters take
// the object.
func (x access) over(o *store.Object, t *schema.Type) level {
	if x.superuser {
		return writeAccess
	}
	best := noAccess
	for _, g := range x.grants {
		if (g.tenant == o.Tenant || g.tenant == store.AllTenants) && filtersTake(g.role, o, t) {
			best = max(best, privilege(g.role, t.Permission))
		}
	}
	return best
}

// filtered reports whether any of the user's roles restricts the objects that it is about.
func (x access) filtered() bool {
	return !x.superuser && slices.ContainsFunc(x.grants, func(g grant) bool {
		list, _ := g.role.Body()["filters"].([]any)
		return len(list) > 0 || g.role.Body()["allow_unlabelled_access"] == false
	})
}

// filtersTake reports whether a role is about an object: all of its enabled filters match the object's markers. An object without
// markers is taken if the role allows access to unlabelled objects. Filters apply to types that have markers.
func filtersTake(role, o *store.Object, t *schema.Type) bool {
	if t.Message.Field("markers") == nil {
		return true
	}
	labels := labelsOf(o)
	if len(labels) == 0 {
		return role.Body()["allow_unlabelled_access"] != false
	}
	for _, f := range messages(role.Body(), "filters") {
		if f["enabled"] != false && !filterMatches(f, labels) {
			return false
		}
	}
	return true
}

// labelsOf returns the values of an object's markers by key.
func labelsOf(o *store.Object) map[string][]string {
	out := map[string][]string{}
	for _, m := range messages(o.Body(), "markers") {
		key, _ := m["key"].(string)
		out[key] = append(out[key], texts(m, "values")...)
	}
	return out
}

// filterMatches compares one filter of a role with labels. A filter without values matches any value of its key.
func filterMatches(f map[string]any, labels map[string][]string) bool {
	want, _ := f["match_label"].(map[string]any)
	key, _ := want["key"].(string)
	operation, _ := f["match_operation"].(string)
	values, has := labels[key]
	equal := func(a, b string) bool { return a == b }
	if strings.Contains(operation, "GLOB") {
		equal = func(pattern, text string) bool { ok, err := path.Match(pattern, text); return ok && err == nil }
	}
	wanted := texts(want, "values")
	hit := has && (len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return equal(w, v) })
	}))
	return hit != strings.Contains(operation, "DOES_NOT")
}

// judge is asked about every write of a caller that is restricted to some objects, or to some of their fields.
func (c *Caller) judge(t *schema.Type) store.Option {
	return store.AdmittedBy(func(_ store.Op, old, now *store.Object) error {
		for _, o := range []*store.Object{old, now} {
			if o != nil && c.access.over(o, t) < writeAccess {
				return c.refused(t, "write")
			}
		}
		if old == nil || now == nil || c.access.superuser {
			return nil
		}
		if field := c.access.forbiddenField(old, now, t.Permission); field != "" {
			return refuse(http.StatusForbidden, "User %s is not allowed to change %s of %s %s", c.User, field, t.Name, now.Name)
		}
		return nil
	})
}

// subresources are the fields that a privilege can be restricted to.
var subresources = map[string]string{
	"SUBRESOURCE_POOL_ENABLED":                             "enabled",
	"SUBRESOURCE_POOL_SERVERS":                             "servers",
	"SUBRESOURCE_POOL_SERVER_ENABLED":                      "servers.enabled",
	"SUBRESOURCE_VIRTUALSERVICE_ENABLED":                   "enabled",
	"SUBRESOURCE_VIRTUALSERVICE_AUTO_ALLOCATE_FLOATING_IP": "vip.auto_allocate_floating_ip",
	"SUBRESOURCE_GSLBSERVICE_ENABLED":                      "enabled",
	"SUBRESOURCE_GSLBSERVICE_GROUPS":                       "groups",
	"SUBRESOURCE_GSLBSERVICE_GROUP_ENABLED":                "groups.enabled",
	"SUBRESOURCE_GSLBSERVICE_GROUP_MEMBERS":                "groups.members",
	"SUBRESOURCE_GSLBSERVICE_GROUP_MEMBER_ENABLED":         "groups.members.enabled",
}

// forbiddenField returns the first field that an update changes and that no role lets the user change; empty if there is none.
func (x access) forbiddenField(old, now *store.Object, permission string) string {
	changed := changedFields(old.Body(), now.Body(), "")
	for _, g := range x.grants {
		if g.tenant != now.Tenant && g.tenant != store.AllTenants || privilege(g.role, permission) < writeAccess {
			continue
		}
		changed = slices.DeleteFunc(changed, func(field string) bool { return privilegeCovers(g.role, permission, field) })
	}
	if len(changed) == 0 {
		return ""
	}
	return changed[0]
}

// privilegeCovers reports whether a role's privilege to write is about a field.
func privilegeCovers(role *store.Object, permission, field string) bool {
	for _, p := range messages(role.Body(), "privileges") {
		if p["resource"] != permission {
			continue
		}
		sub, ok := p["subresource"].(map[string]any)
		if !ok {
			return true
		}
		named := slices.ContainsFunc(texts(sub, "subresources"), func(name string) bool {
			at := subresources[name]
			return field == at || strings.HasPrefix(field, at+".")
		})
		return named != (sub["exclude_subresources"] == true)
	}
	return true
}

// changedFields lists the fields that differ between two bodies, with dots between levels. Elements of lists of equal length are
// compared one by one; lists of different length differ as a whole.
func changedFields(old, now map[string]any, above string) []string {
	var out []string
	keys := map[string]struct{}{}
	for k := range old {
		keys[k] = struct{}{}
	}
	for k := range now {
		keys[k] = struct{}{}
	}
	for k := range keys {
		if above == "" && (k == "_last_modified" || k == "configpb_attributes") {
			continue
		}
		out = append(out, changedValue(old[k], now[k], above+k)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func changedValue(old, now any, at string) []string {
	if reflect.DeepEqual(old, now) {
		return nil
	}
	a, both := old.(map[string]any)
	b, ok := now.(map[string]any)
	if both && ok {
		return changedFields(a, b, at+".")
	}
	was, isList := old.([]any)
	is, alsoList := now.([]any)
	if !isList || !alsoList || len(was) != len(is) {
		return []string{at}
	}
	var out []string
	for i := range was {
		out = append(out, changedValue(was[i], is[i], at)...)
	}
	return out
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

func texts(body map[string]any, key string) []string {
	list, _ := body[key].([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
