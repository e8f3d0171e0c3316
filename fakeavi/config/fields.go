package config

import (
	"encoding/json"
	"net/netip"
	"strings"
)

// fields is a JSON object of a stored body. A nil map is an empty object.
type fields map[string]any

func (f fields) text(key string) string { s, _ := f[key].(string); return s }

// flag returns a boolean, or def if it is missing.
func (f fields) flag(key string, def bool) bool {
	if b, ok := f[key].(bool); ok {
		return b
	}
	return def
}

// number returns a number, or def if it is missing.
func (f fields) number(key string, def int) int {
	n, ok := f.optional(key)
	if !ok {
		return def
	}
	return n
}

func (f fields) optional(key string) (int, bool) {
	switch v := f[key].(type) {
	case float64:
		return int(v), true
	case int:
		return v, true
	case int64:
		return int(v), true
	case uint64:
		return int(v), true
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	default:
		return 0, false
	}
}

func (f fields) real(key string) float64 {
	switch v := f[key].(type) {
	case float64:
		return v
	case json.Number:
		x, _ := v.Float64()
		return x
	default:
		return float64(f.number(key, 0))
	}
}

func (f fields) message(key string) fields {
	m, _ := f[key].(map[string]any)
	return m
}

func (f fields) messages(key string) []fields {
	list, _ := f[key].([]any)
	var all []fields
	for _, v := range list {
		if m, ok := v.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

func (f fields) texts(key string) []string {
	list, _ := f[key].([]any)
	var all []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func (f fields) numbers(key string) []int {
	list, _ := f[key].([]any)
	var all []int
	for _, v := range list {
		if n, ok := (fields{"n": v}).optional("n"); ok {
			all = append(all, n)
		}
	}
	return all
}

// addr reads an IpAddr message; the zero Addr if it is missing or holds a name.
func (f fields) addr(key string) netip.Addr {
	a, _ := netip.ParseAddr(f.message(key).text("addr"))
	return a
}

// prefix reads an IpAddrPrefix message.
func (f fields) prefix() netip.Prefix {
	addr := f.addr("ip_addr")
	if !addr.IsValid() {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(addr, f.number("mask", addr.BitLen()))
}

// uuidOf returns the uuid of a stored reference, /api/<type>/<uuid>; empty if the text is none.
func uuidOf(ref string) string {
	_, path, ok := strings.Cut(ref, "/api/")
	if !ok {
		return ""
	}
	_, uuid, _ := strings.Cut(path, "/")
	return uuid
}
