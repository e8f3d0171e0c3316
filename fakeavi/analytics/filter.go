package analytics

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Record is a log record: a JSON object as replies show it. Numbers are json.Number.
type Record = map[string]any

// Filter is a condition on a field, OPERATOR(field,value).
type Filter struct {
	Operator string // eq, ne, co, nc, sw, lt, le, gt or ge
	// Field is a name, or names separated by dots to reach into messages; "all" stands for all fields.
	Field string
	// Values are alternatives: one for most filters, several if the value is written [a,b].
	Values []string
}

var filterOperators = []string{"eq", "ne", "co", "nc", "sw", "lt", "le", "gt", "ge"}

// ParseFilter reads OPERATOR(field,value). The error says what is wrong with the text.
func ParseFilter(text string) (Filter, error) {
	operator, rest, opened := strings.Cut(strings.TrimSpace(text), "(")
	rest, closed := strings.CutSuffix(rest, ")")
	field, value, two := strings.Cut(rest, ",")
	f := Filter{Operator: strings.ToLower(operator), Field: strings.TrimSpace(field)}
	if !opened || !closed || !two || f.Field == "" {
		return f, fmt.Errorf("%q is not of the form OPERATOR(field,value)", text)
	}
	if !slices.Contains(filterOperators, f.Operator) {
		return f, fmt.Errorf("%q is none of the operators %s", operator, strings.Join(filterOperators, ", "))
	}
	value = strings.TrimSpace(value)
	if inner, ok := strings.CutPrefix(value, "["); ok && strings.HasSuffix(inner, "]") {
		f.Values = split(strings.TrimSuffix(inner, "]"))
	} else {
		f.Values = []string{strings.Trim(value, `"`)}
	}
	return f, nil
}

// Holds reports whether a record satisfies the filter. A list does if any element does; the negative operators hold if no element
// and no alternative matches. Text is compared without regard to case, addresses in either of their forms, dotted or as a number.
func (f Filter) Holds(r Record) bool {
	positive := f.Operator
	switch f.Operator {
	case "ne":
		positive = "eq"
	case "nc":
		positive = "co"
	}
	hit := false
	see := func(field string, value any) bool {
		hit = slices.ContainsFunc(f.Values, func(want string) bool { return compare(positive, field, value, want) })
		return !hit
	}
	if f.Field == "all" {
		everyValue(r, "", see)
	} else {
		valuesAt(r, strings.Split(f.Field, "."), f.Field, see)
	}
	return hit == (positive == f.Operator)
}

// valuesAt visits the values at a path until see returns false.
func valuesAt(v any, path []string, field string, see func(string, any) bool) bool {
	if list, ok := v.([]any); ok {
		for _, element := range list {
			if !valuesAt(element, path, field, see) {
				return false
			}
		}
		return true
	}
	if len(path) == 0 {
		return see(field, v)
	}
	m, ok := v.(Record)
	if !ok {
		return true
	}
	next, ok := m[path[0]]
	return !ok || valuesAt(next, path[1:], path[0], see)
}

// everyValue visits all simple values, in no particular order, until see returns false.
func everyValue(v any, field string, see func(string, any) bool) bool {
	switch x := v.(type) {
	case Record:
		for name, value := range x {
			if !everyValue(value, name, see) {
				return false
			}
		}
		return true
	case []any:
		for _, element := range x {
			if !everyValue(element, field, see) {
				return false
			}
		}
		return true
	default:
		return see(field, v)
	}
}

// addressFields hold IPv4 addresses as numbers.
var addressFields = []string{"client_ip", "vs_ip", "server_ip", "server_conn_src_ip", "dns_ips", "addr_ip"}

// dotted returns the usual form of an address that a field holds as a number.
func dotted(field string, value any) (string, bool) {
	n, ok := value.(json.Number)
	if !ok || !slices.Contains(addressFields, field) {
		return "", false
	}
	i, err := strconv.ParseUint(n.String(), 10, 32)
	if err != nil {
		return "", false
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(i))
	return netip.AddrFrom4(b).String(), true
}

func compare(operator, field string, value any, want string) bool {
	if addr, ok := dotted(field, value); ok && strings.Contains(want, ".") {
		value = addr
	}
	if n, ok := number(value); ok {
		if w, err := strconv.ParseFloat(want, 64); err == nil {
			return order(operator, n, w)
		}
	}
	text, low := strings.ToLower(textOf(value)), strings.ToLower(want)
	switch operator {
	case "co":
		return strings.Contains(text, low)
	case "sw":
		return strings.HasPrefix(text, low)
	}
	return order(operator, text, low)
}

func order[T string | float64](operator string, a, b T) bool {
	switch operator {
	case "eq":
		return a == b
	case "lt":
		return a < b
	case "le":
		return a <= b
	case "gt":
		return a > b
	case "ge":
		return a >= b
	case "co", "sw":
		text, part := fmt.Sprint(a), fmt.Sprint(b)
		return operator == "co" && strings.Contains(text, part) || strings.HasPrefix(text, part)
	}
	return false
}

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// textOf is a value as text: strings as they are, anything else as JSON.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
