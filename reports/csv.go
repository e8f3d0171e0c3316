package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// CSV writes answers.csv (RFC 4180 with plain line feeds): a header line, then one row for each bucket and label of each
// series, zeros included, in the order of (series, bucket, label). Columns: layer, name, phase (that of the bucket's
// start), from_s and to_s (seconds from clock zero, three decimals), label, answers. Cells that a spreadsheet would take
// for a formula begin with an apostrophe. The error is w's.
func CSV(w io.Writer, r *result.Result) error {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"layer", "name", "phase", "from_s", "to_s", "label", "answers"})
	for _, s := range r.Series {
		writeSeries(c, s, r.Phases)
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("reports: write the answers as CSV: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeSeries writes the rows of s. Errors stay in c until its Error is asked.
func writeSeries(c *csv.Writer, s result.Series, phases []result.Phase) {
	for col := range seriesColumns(s) {
		from := time.Duration(col) * s.Bucket.Duration()
		head := []string{
			cell(s.Layer), cell(s.Name), cell(phaseAt(phases, from)),
			seconds(from), seconds(from + s.Bucket.Duration()),
		}
		for row, label := range s.Labels {
			_ = c.Write(append(head[:len(head):len(head)], cell(label), strconv.Itoa(countAt(s, row, col))))
		}
	}
}

// cell makes s a text for a spreadsheet, also where it would begin a formula.
func cell(s string) string {
	s = wording.Line(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// seconds writes d with three decimals; a fraction of a millisecond is cut off.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Milliseconds())/1000, 'f', 3, 64)
}

// seriesColumns returns how many buckets s has: the length of its longest row.
func seriesColumns(s result.Series) int {
	n := 0
	for _, row := range s.Counts {
		n = max(n, len(row))
	}
	return n
}

// countAt returns one count of s; what is missing is 0.
func countAt(s result.Series, row, col int) int {
	if row >= len(s.Counts) || col >= len(s.Counts[row]) {
		return 0
	}
	return s.Counts[row][col]
}

// phaseAt returns the name of the last phase that has begun at t and not ended, "" if there is none.
func phaseAt(phases []result.Phase, t time.Duration) string {
	name := ""
	for _, p := range phases {
		if p.From.Duration() <= t && t < p.To.Duration() {
			name = p.Name
		}
	}
	return name
}
