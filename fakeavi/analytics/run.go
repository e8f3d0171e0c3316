package analytics

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Result is what a search found: the records of one page, and how many there are in all.
type Result struct {
	Count   int
	Records []Record
}

// Run searches records that are in the order of their time. now is the present, from which Duration counts without an End.
func (q Query) Run(records []Record, now time.Time) Result {
	var hits []Record
	begin, end := q.window(now)
	for _, r := range records {
		if q.takes(r, begin, end) {
			hits = append(hits, r)
		}
	}
	if q.GroupBy != "" {
		hits = q.group(hits)
	}
	q.sort(hits)
	total := len(hits)
	from := min((q.Page-1)*q.PageSize, total)
	page := hits[from:min(from+q.PageSize, total)]
	out := make([]Record, 0, len(page))
	for _, r := range page {
		out = append(out, q.shown(r))
	}
	return Result{Count: total, Records: out}
}

// window returns the bounds of report_timestamp; zero for none.
func (q Query) window(now time.Time) (begin, end time.Time) {
	begin, end = q.Start, q.End
	if begin.IsZero() && q.Duration > 0 {
		until := end
		if until.IsZero() {
			until = now
		}
		begin = until.Add(-q.Duration)
	}
	return begin, end
}

func (q Query) takes(r Record, begin, end time.Time) bool {
	if at, err := instant(textOf(r["report_timestamp"])); err == nil {
		if !begin.IsZero() && at.Before(begin) || !end.IsZero() && !at.Before(end) {
			return false
		}
	}
	if q.Kind != Events && !q.kindTaken(r) {
		return false
	}
	for _, f := range q.Filters {
		if !f.Holds(r) {
			return false
		}
	}
	return true
}

// kindTaken reports whether a record is of a kind that is searched: significant, filtered, or neither.
func (q Query) kindTaken(r Record) bool {
	adf, udf := r["adf"] == true, r["udf"] == true
	return q.ADF && adf || q.UDF && udf || q.NF && !adf && !udf
}

// sort orders records by the fields that the query names; without any, the latest come first, and of groups the largest.
func (q Query) sort(records []Record) {
	orders := q.OrderBy
	switch {
	case len(orders) > 0:
	case q.GroupBy != "":
		orders = []Order{{Field: "count", Descending: true}, {Field: q.GroupBy}}
	default:
		orders = []Order{{Field: "report_timestamp", Descending: true}}
	}
	slices.SortStableFunc(records, func(a, b Record) int {
		for _, o := range orders {
			c := compareValues(first(a, o.Field), first(b, o.Field))
			if o.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

func first(r Record, field string) any {
	var out any
	valuesAt(r, strings.Split(field, "."), field, func(_ string, v any) bool { out = v; return false })
	return out
}

func compareValues(a, b any) int {
	x, isNumber := number(a)
	y, both := number(b)
	if isNumber && both {
		return cmp.Compare(x, y)
	}
	return strings.Compare(textOf(a), textOf(b))
}

// group counts the records of each value of a field, or of each step of a number. Records without the field make no group.
func (q Query) group(records []Record) []Record {
	counts, values := map[string]int64{}, map[string]any{}
	for _, r := range records {
		valuesAt(r, strings.Split(q.GroupBy, "."), q.GroupBy, func(_ string, v any) bool {
			if n, ok := number(v); ok && q.Step > 0 {
				v = jsonNumber(int64(n) / q.Step * q.Step)
			}
			key := textOf(v)
			counts[key]++
			values[key] = v
			return true
		})
	}
	var out []Record
	for key, n := range counts {
		out = append(out, Record{q.GroupBy: values[key], "count": jsonNumber(n)})
	}
	slices.SortFunc(out, func(a, b Record) int { return strings.Compare(textOf(a[q.GroupBy]), textOf(b[q.GroupBy])) })
	return out
}

// shown returns the columns of a record that the query asks for.
func (q Query) shown(r Record) Record {
	if len(q.Columns) == 0 || q.GroupBy != "" {
		return r
	}
	out := Record{}
	for _, c := range q.Columns {
		if v, ok := r[c]; ok {
			out[c] = v
		} else if v := first(r, c); v != nil {
			out[c] = v
		}
	}
	return out
}

func jsonNumber(n int64) any { return numberText(strconv.FormatInt(n, 10)) }
