package ingest

import (
	"maps"
	"slices"
	"strings"
)

// Labels are the labels of an object or a namespace. The zero value is none. They are comparable, and take a tenth of the memory
// of a map: there are as many as objects in all clusters.
type Labels struct{ text string } // "key\0value\0" in the order of the keys; neither may hold a zero byte

// LabelsOf returns labels that a map holds.
func LabelsOf(m map[string]string) Labels {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		b.WriteString(key)
		b.WriteByte(0)
		b.WriteString(m[key])
		b.WriteByte(0)
	}
	return Labels{b.String()}
}

// Get returns the value of a label, and whether it is there.
func (l Labels) Get(key string) (value string, ok bool) {
	for rest := l.text; rest != ""; {
		var k, v string
		k, rest, _ = strings.Cut(rest, "\x00")
		v, rest, _ = strings.Cut(rest, "\x00")
		if k == key {
			return v, true
		}
	}
	return "", false
}
