package world

import (
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// buckets is into how many columns a series is cut at most.
const buckets = 240

// series counts answers over time, per layer and name.
func series(r *result.Result) []result.Series {
	width := bucketWidth(r.Span.Duration())
	var out []result.Series
	for _, layer := range []struct {
		name    string
		answers []result.Answer
	}{{result.LayerAuthoritative, r.Evidence.Authoritative}, {result.LayerClient, r.Evidence.Client}} {
		for _, name := range namesOf(layer.answers) {
			out = append(out, count(r, layer.name, name, layer.answers, width))
		}
	}
	return out
}

// bucketWidth is a round number of seconds that cuts the span into at most so many buckets.
func bucketWidth(span time.Duration) time.Duration {
	for _, w := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600} {
		if span/(w*time.Second) <= buckets {
			return w * time.Second
		}
	}
	return (span / buckets).Round(time.Hour) + time.Hour
}

func namesOf(answers []result.Answer) []string {
	seen := map[string]bool{}
	var out []string
	for _, a := range answers {
		if !seen[a.Name] {
			seen[a.Name] = true
			out = append(out, a.Name)
		}
	}
	slices.Sort(out)
	return out
}

func count(r *result.Result, layer, name string, answers []result.Answer, width time.Duration) result.Series {
	columns := int((r.Span.Duration() + width - 1) / width)
	rows := map[string][]int{}
	for _, a := range answers {
		if a.Name != name || a.At >= r.Span.Duration() {
			continue
		}
		label := labelOf(r, a)
		if rows[label] == nil {
			rows[label] = make([]int, columns)
		}
		rows[label][a.At/width]++
	}
	s := result.Series{Layer: layer, Name: name, Bucket: result.Millis(width)}
	for _, label := range labels(r) {
		if rows[label] != nil {
			s.Labels, s.Counts = append(s.Labels, label), append(s.Counts, rows[label])
		}
	}
	return s
}

func labels(r *result.Result) []string {
	var out []string
	for _, s := range r.Sites {
		if s.Role != "" {
			out = append(out, s.Name)
		}
	}
	return append(out, result.Unanswered, result.Other)
}

func labelOf(r *result.Result, a result.Answer) string {
	switch {
	case !a.Answered():
		return result.Unanswered
	case slices.ContainsFunc(r.Sites, func(s result.Site) bool { return s.Role != "" && s.Name == a.Site }):
		return a.Site
	}
	return result.Other
}
