package strict

import (
	"reflect"
	"strings"
	"sync"
)

// fieldsByType remembers what fieldsOf found.
var fieldsByType sync.Map // reflect.Type -> map[string][]int

// fieldsOf lists the fields of a struct and of the structs inlined into it: their indexes by tag.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldsByType.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := map[string][]int{}
	for i := range t.NumField() {
		tag, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case opts == "inline":
			for name, index := range fieldsOf(t.Field(i).Type) {
				fields[name] = append([]int{i}, index...)
			}
		case tag != "" && tag != "-":
			fields[tag] = []int{i}
		}
	}
	fieldsByType.Store(t, fields)
	return fields
}
