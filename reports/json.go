package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gslbsim/gslbsim/sim/result"
)

// JSON writes report.json: r as one JSON object in the order of its fields, indented by two spaces, with rows of numbers
// on one line each, and with a line feed at the end. Lists without elements are [], never null, and a result without a
// schema gets result.Schema. The error is w's.
func JSON(w io.Writer, r *result.Result) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(withoutNulls(*r)); err != nil {
		return fmt.Errorf("reports: write the result as JSON: %w", err)
	}
	_, err := w.Write(joinNumbers(b.Bytes()))
	return err
}

// withoutNulls returns r with an empty list in place of each missing one.
func withoutNulls(r result.Result) result.Result {
	if r.Schema == "" {
		r.Schema = result.Schema
	}
	r.Sites = listed(r.Sites)
	r.Services = listed(r.Services)
	for i := range r.Services {
		r.Services[i].Members = listed(r.Services[i].Members)
	}
	r.Phases = listed(r.Phases)
	r.Faults = listed(r.Faults)
	r.Promises = listed(r.Promises)
	r.Ladders = listed(r.Ladders)
	for i := range r.Ladders {
		r.Ladders[i].Steps = listed(r.Ladders[i].Steps)
	}
	r.Series = listed(r.Series)
	for i := range r.Series {
		r.Series[i].Labels = listed(r.Series[i].Labels)
		r.Series[i].Counts = listed(r.Series[i].Counts)
		for j := range r.Series[i].Counts {
			r.Series[i].Counts[j] = listed(r.Series[i].Counts[j])
		}
	}
	r.Traffic = listed(r.Traffic)
	r.Calls = listed(r.Calls)
	r.Events = listed(r.Events)
	return r
}

// listed returns a copy of list that is never nil.
func listed[T any](list []T) []T { return append(make([]T, 0, len(list)), list...) }

// joinNumbers puts every array that holds only numbers on one line. src is indented JSON.
func joinNumbers(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); {
		switch src[i] {
		case '"':
			end := i + stringLength(src[i:])
			out = append(out, src[i:end]...)
			i = end
		case '[':
			length, row := numberRow(src[i:])
			out = append(out, row...)
			i += length
		default:
			out = append(out, src[i])
			i++
		}
	}
	return out
}

// stringLength returns the length of the JSON string that src begins with, quotes included.
func stringLength(src []byte) int {
	for i := 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(src)
}

// numberRow returns the length of the array that src begins with and its one-line form, or 1 and the bracket alone if
// the array is empty or holds anything but numbers.
func numberRow(src []byte) (length int, row []byte) {
	end := bytes.IndexAny(src[1:], "]\"[{")
	if end < 1 || src[1+end] != ']' || bytes.ContainsAny(src[1:1+end], "tfn:") {
		return 1, src[:1]
	}
	fields := bytes.Fields(src[1 : 1+end])
	return end + 2, append(append([]byte{'['}, bytes.Join(fields, []byte{' '})...), ']')
}
