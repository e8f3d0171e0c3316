package reports

import (
	"slices"
	"strconv"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// labelStyles is the number of looks that the style sheet has for sites: six colours in three textures.
const labelStyles = 18

// labelClasses gives every label of r the look that it has in all pictures. Only sites that are answered with take one,
// in the order of the world, so that few sites are told apart by colour alone where possible, and by name always.
func labelClasses(r *result.Result) map[string]string {
	classes := map[string]string{result.Unanswered: "unanswered", result.Other: "other"}
	used := map[string]bool{}
	var labels []string
	for _, s := range r.Series {
		for _, label := range s.Labels {
			if classes[label] == "" && !used[label] {
				used[label] = true
				labels = append(labels, label)
			}
		}
	}
	next := 0
	give := func(label string) {
		if used[label] && classes[label] == "" {
			classes[label] = "k" + strconv.Itoa(next%labelStyles)
			next++
		}
	}
	for _, site := range r.Sites {
		give(site.Name)
	}
	for _, label := range labels {
		give(label)
	}
	return classes
}

func legendOf(s result.Series, classes map[string]string) []legendView {
	total := sumOf(s.Counts)
	legend := make([]legendView, len(s.Labels))
	for i, label := range s.Labels {
		n := sumOf(s.Counts[i : i+1])
		legend[i] = legendView{
			Class: classes[label],
			Label: name(label),
			Count: wording.Count(n),
			Share: wording.Percent(n, total),
		}
	}
	return legend
}

// phaseCounts is the table of answers by phase and label, with what was not answered before the sites. A bucket belongs to
// the phase in which it begins.
func phaseCounts(s result.Series, phases []result.Phase) tableView {
	s = unansweredFirst(s)
	t := tableView{
		Caption: "Answers by phase",
		Columns: []columnView{{Name: "Phase"}, {Name: "Answers", Number: true}},
		Empty:   "No answers were observed.",
	}
	for _, label := range s.Labels {
		t.Columns = append(t.Columns, columnView{Name: name(label), Number: true})
	}
	if sumOf(s.Counts) == 0 {
		return t
	}
	for _, p := range phases {
		t.addCounts(name(p.Name), s, countsBetween(s, p.From.Duration(), p.To.Duration()))
	}
	var whole []int
	for row := range s.Labels {
		whole = append(whole, sumOf(s.Counts[row:row+1]))
	}
	t.addCounts("whole run", s, whole)
	return t
}

// unansweredFirst returns s, whose row of what was not answered is its last if it has one, with that row as its first.
func unansweredFirst(s result.Series) result.Series {
	last := len(s.Labels) - 1
	if last < 0 || s.Labels[last] != result.Unanswered {
		return s
	}
	out := s
	out.Labels = slices.Concat(s.Labels[last:], s.Labels[:last])
	out.Counts = slices.Concat(s.Counts[last:], s.Counts[:last])
	return out
}

// addCounts adds a row with one count for each label, and flags those that were not answered.
func (t *tableView) addCounts(called string, s result.Series, counts []int) {
	total := 0
	for _, n := range counts {
		total += n
	}
	cells := []string{called, wording.Count(total)}
	for _, n := range counts {
		cells = append(cells, share(n, total))
	}
	t.add(cells...)
	for i, n := range counts {
		if s.Labels[i] == result.Unanswered && n > 0 {
			t.flag(i + 2)
		}
	}
}

// countsBetween adds up the buckets of each label that begin in [from, to).
func countsBetween(s result.Series, from, to time.Duration) []int {
	sums := make([]int, len(s.Labels))
	for row := range s.Labels {
		for col, n := range s.Counts[row] {
			if at := time.Duration(col) * s.Bucket.Duration(); from <= at && at < to {
				sums[row] += n
			}
		}
	}
	return sums
}

func sumOf(counts [][]int) int {
	sum := 0
	for _, row := range counts {
		for _, n := range row {
			sum += n
		}
	}
	return sum
}

// answersIn is the number of answers of all series.
func answersIn(series []result.Series) int {
	n := 0
	for _, s := range series {
		n += sumOf(s.Counts)
	}
	return n
}
