package preview

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// lines are what a change says, a line each: a pool or a member that comes or goes is one line, and so is a monitor.
func (c Change) lines() []string {
	var lines []string
	done := map[string]bool{}
	for _, f := range c.Fields {
		switch whole := c.whole(f.Path); {
		case whole == "" && c.said(f):
			lines = append(lines, f.line())
		case whole != "" && !done[whole]:
			done[whole] = true
			lines = append(lines, c.entry(whole))
		}
	}
	return lines
}

// The paths of a pool and of a member in it.
var (
	memberPath = regexp.MustCompile(`^groups\[([^\]]*)\]\.members\[([^\]]*)\]`)
	poolPath   = regexp.MustCompile(`^groups\[([^\]]*)\]`)
)

// whole is the start of a path that leads to a member, or a pool, which comes or goes as a whole; empty: none.
func (c Change) whole(path string) string {
	if m := memberPath.FindString(path); m != "" {
		if c.comesOrGoes(m + ".ip.addr") {
			return m
		}
		return ""
	}
	if g := poolPath.FindString(path); g != "" && c.comesOrGoes(g+".priority") {
		return g
	}
	return ""
}

// comesOrGoes is whether a field is only before, or only after.
func (c Change) comesOrGoes(path string) bool {
	f, ok := c.field(path)
	return ok && (f.Before == nil || f.After == nil)
}

func (c Change) field(path string) (Field, bool) {
	i := slices.IndexFunc(c.Fields, func(f Field) bool { return f.Path == path })
	if i < 0 {
		return Field{}, false
	}
	return c.Fields[i], true
}

// value is a field before or after, whichever there is.
func (c Change) value(path string) (text string, ok bool) {
	f, ok := c.field(path)
	if f.After != nil {
		return fmt.Sprint(f.After), ok
	}
	return fmt.Sprint(f.Before), ok
}

// entry is the line of a member or a pool that comes or goes.
func (c Change) entry(at string) string {
	sign := "+"
	anchor, title := at+".priority", ""
	var details []string
	detail := func(label, path string) {
		if value, ok := c.value(at + path); ok {
			details = append(details, label+value)
		}
	}
	if m := memberPath.FindStringSubmatch(at); m != nil {
		anchor, title = at+".ip.addr", fmt.Sprintf("member %s of pool %s", m[2], m[1])
		detail("ratio ", ".ratio")
		detail("public address ", ".public_ip.ip.addr")
	} else {
		title = "pool " + poolPath.FindStringSubmatch(at)[1]
		detail("priority ", ".priority")
		detail("", ".algorithm")
		detail("fallback ", ".fallback_algorithm")
		detail("hash mask ", ".consistent_hash_mask")
	}
	if f, _ := c.field(anchor); f.After == nil {
		sign = "-"
	}
	return fmt.Sprintf("%s %s: %s", sign, title, strings.Join(details, ", "))
}

// usualFields are fields that say the same in all objects that the operator makes, or say nothing to people.
var usualFields = []string{
	"enabled", "is_federated", "controller_health_status_enabled", "health_monitor_scope", "pool_algorithm", "min_members", "resolve_cname",
	"use_edns_client_subnet", "wildcard_match", "created_by", "allow_duplicate_monitors", "send_interval", "receive_timeout",
	"successful_checks", "failed_checks", "markers", "name", "description",
}

// said is whether a field of its own has a line: not if it comes or goes and is a usual one.
func (c Change) said(f Field) bool {
	if f.Before != nil && f.After != nil {
		return true
	}
	name, _, _ := strings.Cut(f.Path, "[")
	name, _, _ = strings.Cut(name, ".")
	if c.Action == Create && (f.After == false || f.Path == "domain_names["+c.Name+"]") {
		return false
	}
	return !slices.Contains(usualFields, name)
}

// line is a field: before and after where both are known.
func (f Field) line() string {
	path := f.Path
	value, sign := f.After, "+"
	if f.After == nil {
		value, sign = f.Before, "-"
	}
	if list, ok := strings.CutSuffix(path, "["+fmt.Sprint(value)+"]"); ok {
		path = list // an entry that is known by itself
	}
	if f.Before != nil && f.After != nil {
		return fmt.Sprintf("~ %s: %v -> %v", path, f.Before, f.After)
	}
	return fmt.Sprintf("%s %s: %v", sign, path, value)
}
