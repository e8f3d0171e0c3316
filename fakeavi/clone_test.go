package fakeavi_test

// clone copies a body deeply.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = clone(e)
		}
		return out
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, clone(e))
		}
		return out
	}
	return v
}
