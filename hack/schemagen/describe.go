package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// statement is what the fixed phrases in a field's description say.
type statement struct {
	enum               []string
	allowed            []schema.Interval
	itemsMin, itemsMax int
	ref                string
	since              []string
}

var (
	enumPhrase       = regexp.MustCompile(`Enum options - ([A-Za-z0-9_]+(?:, ?[A-Za-z0-9_]+)*)`)
	allowedPhrase    = regexp.MustCompile(`Allowed values are ([-+0-9., ]*[0-9])`)
	specialPhrase    = regexp.MustCompile(`Special values are ([^.]*)`)
	specialValue     = regexp.MustCompile(`(?:^|, ?)(-?\d+) ?-`)
	itemsMinPhrase   = regexp.MustCompile(`Minimum of (\d+) items? required`)
	itemsMaxPhrase   = regexp.MustCompile(`Maximum of (\d+) items? allowed`)
	refPhrase        = regexp.MustCompile(`It is a reference to an object of type (\w+)`)
	sincePhrase      = regexp.MustCompile(`Field introduced in (\d+(?:\.\d+)+(?:, ?\d+(?:\.\d+)+)*)`)
	rangePhrase      = regexp.MustCompile(`^(-?[0-9.]+) ?- ?\+?(-?[0-9.]+)$`)
	permissionPhrase = regexp.MustCompile(`API permission: (PERMISSION_\w+)`)
)

// describe reads the fixed phrases out of a description; everything else in it is prose for people.
func describe(text string) statement {
	var s statement
	if m := enumPhrase.FindStringSubmatch(text); m != nil {
		s.enum = splitList(m[1])
	}
	if m := allowedPhrase.FindStringSubmatch(text); m != nil {
		s.allowed = intervals(m[1])
	}
	if m := specialPhrase.FindStringSubmatch(text); m != nil && len(s.allowed) > 0 {
		for _, v := range specialValue.FindAllStringSubmatch(m[1], -1) {
			if n, err := strconv.ParseFloat(v[1], 64); err == nil {
				s.allowed = append(s.allowed, schema.Interval{Low: n, High: n})
			}
		}
	}
	s.itemsMin = number(itemsMinPhrase, text)
	s.itemsMax = number(itemsMaxPhrase, text)
	if m := refPhrase.FindStringSubmatch(text); m != nil {
		s.ref = m[1]
	}
	if m := sincePhrase.FindStringSubmatch(text); m != nil {
		s.since = splitList(m[1])
	}
	return s
}

// intervals reads "1-20", "-90-+90" and "1,2,4"; a part which is neither voids the whole phrase.
func intervals(text string) []schema.Interval {
	var out []schema.Interval
	for _, part := range splitList(text) {
		low, high := part, part
		if m := rangePhrase.FindStringSubmatch(part); m != nil {
			low, high = m[1], m[2]
		}
		l, errLow := strconv.ParseFloat(low, 64)
		h, errHigh := strconv.ParseFloat(high, 64)
		if errLow != nil || errHigh != nil {
			return nil
		}
		out = append(out, schema.Interval{Low: l, High: h})
	}
	return out
}

func splitList(text string) []string {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func number(re *regexp.Regexp, text string) int {
	m := re.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// permission finds the role resource that a type's documentation names, empty if it names none.
func permission(text string) string {
	if m := permissionPhrase.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
