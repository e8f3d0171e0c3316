package ingest

import "slices"

// put adds a member to one of many sets that are mostly small: a slice takes a tenth of what a map does.
func put[K, V comparable](m map[K][]V, k K, v V) {
	if !slices.Contains(m[k], v) {
		m[k] = append(m[k], v)
	}
}

func drop[K, V comparable](m map[K][]V, k K, v V) {
	rest := slices.DeleteFunc(m[k], func(other V) bool { return other == v })
	if len(rest) == 0 {
		delete(m, k)
	} else {
		m[k] = rest
	}
}

// include adds a member to one of few sets that may be large.
func include[K, V comparable](m map[K]map[V]struct{}, k K, v V) {
	if m[k] == nil {
		m[k] = map[V]struct{}{}
	}
	m[k][v] = struct{}{}
}

func exclude[K, V comparable](m map[K]map[V]struct{}, k K, v V) {
	delete(m[k], v)
	if len(m[k]) == 0 {
		delete(m, k)
	}
}
