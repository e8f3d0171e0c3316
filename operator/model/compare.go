package model

import (
	"encoding/json"
	"net/netip"
	"slices"
)

// same says whether a stored value says what a wanted one does. A field that is absent says what its zero value does:
// controllers leave defaults out.
func same(stored, wanted any) bool {
	if zero(stored) && zero(wanted) {
		return true
	}
	if a, ok := addressOf(wanted); ok {
		b, ok := addressOf(stored)
		return ok && a == b
	}
	a, errA := json.Marshal(stored)
	b, errB := json.Marshal(wanted)
	return errA == nil && errB == nil && string(a) == string(b)
}

// zero says whether a JSON value is absent, or the zero value of its type.
func zero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case uint32:
		return v == 0
	case int:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// labelled is an address and the family that it is labelled with, which need not be its own.
type labelled struct {
	addr netip.Addr
	kind string
}

// addressOf reads an address object, also one that is wrapped as public addresses are.
func addressOf(v any) (labelled, bool) {
	m, _ := v.(map[string]any)
	if inner, ok := m["ip"].(map[string]any); ok && len(m) == 1 {
		m = inner
	}
	text, isText := m["addr"].(string)
	kind, _ := m["type"].(string)
	addr, err := netip.ParseAddr(text)
	if !isText || err != nil {
		return labelled{}, false
	}
	return labelled{addr.Unmap(), kind}, true
}

func vipOf(member document) netip.Addr {
	a, _ := addressOf(member["ip"])
	return a.addr
}

func priorityOf(group document) string {
	switch n := group["priority"].(type) {
	case json.Number:
		return n.String()
	case uint32:
		return uitoa(n)
	}
	return uitoa(defaultPriority)
}

// sameConditional compares a conditional field. No down response is the response "none".
func sameConditional(field string, stored, wanted any) bool {
	if field != "down_response" {
		// A TTL of zero is not the same as none.
		return stored != nil && same(stored, wanted)
	}
	have, _ := stored.(map[string]any)
	want, _ := wanted.(map[string]any)
	if have == nil {
		return want["type"] == DownNone
	}
	return have["type"] == want["type"] && same(have["fallback_ip"], want["fallback_ip"]) &&
		same(have["fallback_ip6"], want["fallback_ip6"])
}

func sameSources(stored, wanted []Source) bool {
	order := func(a, b Source) int { return a.Compare(b) }
	a, b := slices.SortedFunc(slices.Values(stored), order), slices.SortedFunc(slices.Values(wanted), order)
	return slices.EqualFunc(a, b, func(x, y Source) bool { return x.String() == y.String() })
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// sameTexts compares two JSON lists of texts as sets.
func sameTexts(a, b any) bool {
	listA, okA := a.([]any)
	listB, okB := b.([]any)
	return okA && okB && len(listA) == len(listB) && sameSet(textList(a), textList(b))
}

func textList(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func refNames(refs []Ref) []string {
	names := make([]string, len(refs))
	for i, ref := range refs {
		names[i] = ref.Name
	}
	return names
}

// objects are the objects of a JSON list; whatever else it holds is left out.
func objects(v any) []document {
	list, _ := v.([]any)
	out := make([]document, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
