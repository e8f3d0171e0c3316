package api

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// template is an object's JSON text with gaps for what depends on the request: the host in references, and the names after them. It is
// made once for an object's state and copied for each reply, so that long lists are cheap.
type template struct {
	text []byte
	gaps []gap // by position
}

// gap is a string value that is filled in for each reply: a reference, or the object's own URL.
type gap struct {
	at     int
	target store.Target
}

// tenantGap marks the target of a tenant_ref: its UUID is the tenant's name, since the uuid differs between controllers.
const tenantGap = "tenant:name"

// view is which fields of an object a reply shows.
type view struct {
	version     schema.Version // hides fields introduced later; zero for none
	skipDefault bool
	fields      map[string]bool // top-level fields to show, nil for all
	keys        bool            // show the private keys of certificates
}

// alwaysShown are in every reply, whatever fields it asks for.
var alwaysShown = [...]string{"name", "url", "uuid"}

func (v view) shows(f *schema.Field) bool {
	if v.fields == nil || v.fields[f.Name] {
		return true
	}
	for _, name := range alwaysShown {
		if f.Name == name {
			return true
		}
	}
	return false
}

// key names the view among an object's memos; empty for views that are not worth keeping.
func (v view) key() string {
	if v.fields != nil || v.skipDefault || v.keys {
		return ""
	}
	return "reply " + v.version.String()
}

// templateOf returns the template of an object in a view.
func templateOf(t *schema.Type, o *store.Object, v view) *template {
	key := v.key()
	if key == "" {
		return makeTemplate(t, o, v)
	}
	return o.Memo(key, func() any { return makeTemplate(t, o, v) }).(*template)
}

func makeTemplate(t *schema.Type, o *store.Object, v view) *template {
	w := &templateWriter{view: v, clear: v.keys && o.Type == "sslkeyandcertificate"}
	w.out.text = append(w.out.text, '{')
	for i := range t.Message.Fields {
		f := &t.Message.Fields[i]
		if !v.shows(f) || !f.In(v.version) {
			continue
		}
		switch f.Name {
		case "url":
			w.name(f.Name)
			w.gap(store.Target{Type: o.Type, UUID: o.UUID})
		case "tenant_ref":
			w.name(f.Name)
			w.gap(store.Target{Type: tenantGap, UUID: o.Tenant})
		default:
			if value, ok := o.Body()[f.Name]; ok {
				w.field(f, value)
			}
		}
	}
	w.out.text = append(w.out.text, '}')
	return &w.out
}

type templateWriter struct {
	view  view
	clear bool // secrets are shown
	links bool // fields named url hold paths that get the host, too
	out   template
}

func (w *templateWriter) name(name string) {
	if last := w.out.text[len(w.out.text)-1]; last != '{' {
		w.out.text = append(w.out.text, ',')
	}
	w.out.text = appendString(w.out.text, name)
	w.out.text = append(w.out.text, ':')
}

func (w *templateWriter) gap(target store.Target) {
	w.out.gaps = append(w.out.gaps, gap{at: len(w.out.text), target: target})
}

func (w *templateWriter) field(f *schema.Field, value any) {
	if w.view.skipDefault && f.Default != nil && reflect.DeepEqual(f.Default, value) {
		return
	}
	w.name(f.Name)
	list, isList := value.([]any)
	if !isList {
		w.value(f, value)
		return
	}
	w.out.text = append(w.out.text, '[')
	for i, element := range list {
		if i > 0 {
			w.out.text = append(w.out.text, ',')
		}
		w.value(f, element)
	}
	w.out.text = append(w.out.text, ']')
}

func (w *templateWriter) value(f *schema.Field, value any) {
	switch v := value.(type) {
	case string:
		w.text(f, v)
	case bool:
		w.out.text = strconv.AppendBool(w.out.text, v)
	case int64:
		w.out.text = strconv.AppendInt(w.out.text, v, 10)
	case map[string]any:
		w.message(f.Message, v)
	default:
		// uint64, float64: numbers always encode.
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte("null")
		}
		w.out.text = append(w.out.text, text...)
	}
}

func (w *templateWriter) text(f *schema.Field, value string) {
	if f.Sensitive && value != "" && !w.clear {
		value = schema.Masked
	}
	if f.Ref != "" || w.links && f.Name == "url" {
		if target, ok := store.ParseTarget(value); ok {
			w.gap(target)
			return
		}
	}
	w.out.text = appendString(w.out.text, value)
}

func (w *templateWriter) message(m *schema.Message, body map[string]any) {
	w.out.text = append(w.out.text, '{')
	if m != nil {
		for i := range m.Fields {
			f := &m.Fields[i]
			if value, ok := body[f.Name]; ok && f.In(w.view.version) {
				w.field(f, value)
			}
		}
	}
	w.out.text = append(w.out.text, '}')
}

// appendString appends a JSON string. Most strings need no escapes.
func appendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return appendEscaped(dst, s)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	// Strings always encode: invalid UTF-8 is replaced.
	text, _ := json.Marshal(s)
	return append(dst, text...)
}
