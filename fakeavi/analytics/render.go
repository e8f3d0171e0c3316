package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

type numberText = json.Number

// ContentType is the media type of a format.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv"
	case Text:
		return "text/plain"
	}
	return "application/json"
}

// reply is the JSON form of a result. UNCONFIRMED: everything but count, results, percent_remaining and next, which clients read.
type reply struct {
	Count     int      `json:"count"`
	Remaining int      `json:"percent_remaining"`
	QueryID   string   `json:"query_id"`
	Results   []Record `json:"results"`
	Next      string   `json:"next,omitempty"`
}

// Render writes a result in the query's format; next is the URL of the following page, for JSON.
func (q Query) Render(res Result, next string) ([]byte, error) {
	if q.Format == JSON {
		if res.Records == nil {
			res.Records = []Record{}
		}
		return json.Marshal(reply{Count: res.Count, QueryID: q.ID, Results: res.Records, Next: next})
	}
	columns := q.columns(res.Records)
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if q.Format == Text {
		w.Comma = '\t'
	}
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	for _, r := range res.Records {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = cell(c, r[c])
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return buf.Bytes(), w.Error()
}

// columns are those that the query names, or all that any record has, sorted.
func (q Query) columns(records []Record) []string {
	if len(q.Columns) > 0 && q.GroupBy == "" {
		return q.Columns
	}
	all := map[string]struct{}{}
	for _, r := range records {
		for name := range r {
			all[name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// cell is a value in a table: addresses are dotted there, lists are joined by commas.
func cell(column string, v any) string {
	if v == nil {
		return ""
	}
	if addr, ok := dotted(column, v); ok {
		return addr
	}
	list, ok := v.([]any)
	if !ok {
		return textOf(v)
	}
	var parts []string
	for _, e := range list {
		parts = append(parts, cell(column, e))
	}
	return strings.Join(parts, ",")
}

// HasNext reports whether there is a page after this one.
func (q Query) HasNext(res Result) bool { return q.Page*q.PageSize < res.Count }
