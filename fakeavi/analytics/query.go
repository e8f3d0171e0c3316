package analytics

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is the kind of log that is searched.
type Kind int

// The kinds, by the numbers of the parameter type.
const (
	Connections  Kind = 0
	Applications Kind = 1
	Events       Kind = 2
	// Detect: the parameter is not given; the kind follows from the virtual service.
	Detect Kind = -1
)

// Format is the form of a reply.
type Format string

// The formats.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	Text Format = "txt"
)

// Limits of a search.
const (
	pageSizeDefault  = 10
	pageSizeDownload = 10_000
	// PageSizeMax is the most records of a page.
	PageSizeMax = 10_000
	filtersMax  = 50
)

// Query is a search for log records.
type Query struct {
	Kind           Kind
	VirtualService string // uuid or name; empty: none is stated
	// Start and End bound report_timestamp, End excluded; zero: no bound.
	Start, End time.Time
	// Duration before End, or before the present without one, where Start is not given; 0: no bound.
	Duration time.Duration
	// ADF, UDF and NF select significant records, those that a client log filter took, and the others.
	ADF, UDF, NF bool
	Filters      []Filter // all of which must hold
	Columns      []string // of records that are shown; none: all
	GroupBy      string
	OrderBy      []Order
	Step         int64 // width of the groups of a number; 0: each value is a group
	Page         int   // from 1
	PageSize     int
	Format       Format
	Download     bool
	ID           string // query_id, echoed
}

// Order sorts by a field.
type Order struct {
	Field      string
	Descending bool
}

// Parse reads the parameters of a request to /api/analytics/logs. Parameters that are not known are ignored. Errors name the
// parameter.
func Parse(values url.Values) (Query, error) {
	q := Query{Kind: Detect, ADF: true, Page: 1, PageSize: pageSizeDefault, Format: JSON, ID: "0"}
	if download, err := flag(values.Get("download"), false); err != nil {
		return q, fmt.Errorf("download: %w", err)
	} else if download {
		q.Download, q.Format, q.PageSize = true, CSV, pageSizeDownload
	}
	for _, name := range sortedNames(values) {
		read, known := parameters[name]
		if !known {
			continue
		}
		for _, value := range values[name] {
			if err := read(&q, value); err != nil {
				return q, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return q, nil
}

func sortedNames(values url.Values) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var parameters = map[string]func(*Query, string) error{
	"type":           readKind,
	"query_id":       func(q *Query, v string) error { q.ID = v; return nil },
	"virtualservice": func(q *Query, v string) error { q.VirtualService = v; return nil },
	"start":          func(q *Query, v string) (err error) { q.Start, err = instant(v); return err },
	"end":            func(q *Query, v string) (err error) { q.End, err = instant(v); return err },
	"duration":       readDuration,
	"page":           func(q *Query, v string) error { return positive(v, 1<<30, &q.Page) },
	"page_size":      func(q *Query, v string) error { return positive(v, PageSizeMax, &q.PageSize) },
	"adf":            func(q *Query, v string) (err error) { q.ADF, err = flag(v, true); return err },
	"udf":            func(q *Query, v string) (err error) { q.UDF, err = flag(v, true); return err },
	"nf":             func(q *Query, v string) (err error) { q.NF, err = flag(v, true); return err },
	"format":         readFormat,
	"filter":         readFilter,
	"cols":           func(q *Query, v string) error { q.Columns = split(v); return nil },
	"groupby":        func(q *Query, v string) error { q.GroupBy = strings.TrimSpace(v); return nil },
	"orderby":        readOrder,
	"step":           readStep,
}

func readKind(q *Query, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 2 {
		return fmt.Errorf("%q is none of 0 (connections), 1 (applications) and 2 (events)", text)
	}
	q.Kind = Kind(n)
	return nil
}

func readDuration(q *Query, text string) error {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds < 0 || seconds > 1e9 {
		return fmt.Errorf("%q is not a number of seconds", text)
	}
	q.Duration = time.Duration(seconds * float64(time.Second))
	return nil
}

func readFormat(q *Query, text string) error {
	switch f := Format(strings.ToLower(text)); f {
	case JSON, CSV, Text:
		q.Format = f
		return nil
	}
	return fmt.Errorf("%q is none of json, csv and txt", text)
}

func readFilter(q *Query, text string) error {
	if len(q.Filters) >= filtersMax {
		return fmt.Errorf("more than %d filters", filtersMax)
	}
	f, err := ParseFilter(text)
	q.Filters = append(q.Filters, f)
	return err
}

func readOrder(q *Query, text string) error {
	for _, field := range split(text) {
		name, descending := strings.CutPrefix(field, "-")
		q.OrderBy = append(q.OrderBy, Order{Field: name, Descending: descending})
	}
	return nil
}

func readStep(q *Query, text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number", text)
	}
	q.Step = n
	return nil
}

func split(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func positive(text string, most int, into *int) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return fmt.Errorf("%q is not a number from 1 to %d", text, most)
	}
	*into = n
	return nil
}

// flag reads a boolean; a parameter without value has the given one.
func flag(text string, without bool) (bool, error) {
	switch strings.ToLower(text) {
	case "":
		return without, nil
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", text)
}

// layouts are the forms in which instants are written; without a zone they are in UTC.
var layouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly}

// instant reads ISO 8601; "0" and nothing are no bound.
func instant(text string) (time.Time, error) {
	if text == "" || text == "0" {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not an instant of the form 2006-01-02T15:04:05Z", text)
}
