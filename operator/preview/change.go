package preview

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// Action is what happens to an object.
type Action string

// The actions. An object that is made anew, because its type changes, is replaced.
const (
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// Change is what happens to one object of the controller.
type Change struct {
	Action Action `json:"action"`
	// Type is gslbservice or healthmonitor.
	Type   string `json:"type"`
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	// FQDN is the service that the change is for.
	FQDN string `json:"fqdn"`
	// Fields are what an update or a replacement changes, and what a creation sets, by path.
	Fields []Field `json:"fields,omitempty"`
	// Body is what the controller gets; nil when the object is deleted. Open addresses are in it as they are.
	Body json.RawMessage `json:"body,omitempty"`
}

// Field is one field before and after; nil is absent.
type Field struct {
	// Path is such as "groups[amko-gs-group-10].members[192.0.2.1].ratio": entries of lists go by what they are known by.
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// changes are the changes that calls make, one for each object.
func (p *planner) changes(fqdn string, view *plan.View, calls []plan.Call) []Change {
	type object struct {
		kind string
		key  model.Key
	}
	last := map[object]plan.Call{}
	var order []object
	for _, call := range calls {
		o := object{call.Type, call.Key}
		if _, ok := last[o]; !ok {
			order = append(order, o)
		}
		last[o] = call
	}
	var changes []Change
	for _, o := range order {
		before := p.before(view, o.kind, o.key)
		after := last[o].Body
		c := Change{Type: o.kind, Tenant: o.key.Tenant, Name: o.key.Name, FQDN: fqdn, Body: after, Action: actionOf(before, last[o].Verb)}
		if c.Action != Delete {
			c.Fields = p.fields(before, after)
		}
		if len(c.Fields) > 0 || c.Action != Update {
			changes = append(changes, c)
		}
	}
	return changes
}

func actionOf(before []byte, last plan.Verb) Action {
	switch {
	case last == plan.Delete:
		return Delete
	case before == nil:
		return Create
	case last == plan.Create:
		return Replace
	}
	return Update
}

// before is an object as the controller holds it, nil if it does not.
func (p *planner) before(view *plan.View, kind string, key model.Key) []byte {
	if kind == plan.TypeMonitor {
		return view.Monitors[key].Body
	}
	return view.Services[key.Tenant].Body
}

// ignored are fields that a controller keeps for itself, or that only say where an object is.
var ignored = map[string]bool{"_last_modified": true, "url": true, "uuid": true, "tenant_ref": true, "configpb_attributes": true}

// fields compares two bodies. Those that are only in the one before are the controller's defaults, if the object is made anew.
func (p *planner) fields(before, after []byte) []Field {
	old, fresh := flatten(before), flatten(after)
	var fields []Field
	for _, path := range slices.Sorted(maps.Keys(merged(old, fresh))) {
		a, b := p.shown(old[path]), p.shown(fresh[path])
		if !reflect.DeepEqual(a, b) {
			fields = append(fields, Field{Path: p.shownPath(path), Before: a, After: b})
		}
	}
	return fields
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// shown is a value as people read it: names in place of references, and what open values stand for.
func (p *planner) shown(value any) any {
	if of, ok := p.open.name(value); ok {
		return "VIP of " + of
	}
	if s, ok := value.(string); ok && s == openUUID {
		return "noted by AKO"
	}
	return value
}

// openInPath finds open addresses in paths.
var openInPath = regexp.MustCompile(`\[240\.[0-9.]+\]`)

func (p *planner) shownPath(path string) string {
	if len(p.open.vips) == 0 {
		return path
	}
	return openInPath.ReplaceAllStringFunc(path, func(entry string) string {
		if of, ok := p.open.name(entry[1 : len(entry)-1]); ok {
			return "[VIP of " + of + "]"
		}
		return entry
	})
}

// flatten turns an object into its scalars by path.
func flatten(raw []byte) map[string]any {
	flat := map[string]any{}
	if len(raw) == 0 {
		return flat
	}
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&object) != nil {
		return flat
	}
	for key, value := range object {
		if !ignored[key] {
			flattenInto(flat, key, value)
		}
	}
	return flat
}

func flattenInto(flat map[string]any, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			flattenInto(flat, path+"."+key, child)
		}
	case []any:
		for i, item := range value {
			flattenInto(flat, path+"["+identity(item, i)+"]", item)
		}
	case string:
		if ref := model.ParseRef(value); strings.Contains(path, "_ref") && (ref.Name != "" || ref.UUID != "") {
			flat[path] = cmp.Or(ref.Name, ref.UUID)
			return
		}
		flat[path] = value
	default:
		flat[path] = value
	}
}

// identity is what an entry of a list is known by: its name, its address, itself, or else its place.
func identity(item any, place int) string {
	switch item := item.(type) {
	case string:
		if ref := model.ParseRef(item); strings.HasPrefix(item, "/api/") || strings.HasPrefix(item, "https://") {
			return cmp.Or(ref.Name, ref.UUID)
		}
		return item
	case map[string]any:
		for _, key := range []string{"name", "key"} {
			if name, _ := item[key].(string); name != "" {
				return name
			}
		}
		if ip, _ := item["ip"].(map[string]any); ip != nil {
			return fmt.Sprint(ip["addr"])
		}
	}
	return fmt.Sprint(place)
}

// sortChanges orders changes and removes those of objects that several services share.
func sortChanges(list []Change) []Change {
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.FQDN, b.FQDN), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	seen := map[[3]string]bool{}
	return slices.DeleteFunc(list, func(c Change) bool {
		id := [3]string{c.Type, c.Tenant, c.Name}
		defer func() { seen[id] = true }()
		return seen[id]
	})
}
