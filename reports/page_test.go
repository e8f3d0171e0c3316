package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// maxPage is the size that a page keeps under, in bytes.
const maxPage = 1 << 20

func parsePage(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// elements returns all elements of a page with this tag, or all if tag is "".
func elements(doc *html.Node, tag string) []*html.Node {
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

// inner returns the text inside of n.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func TestPageIsSmall(t *testing.T) {
	for run, r := range runs() {
		if n := len(show(t, reports.HTML, r)); n > maxPage {
			t.Errorf("the page of %s has %d bytes", run, n)
		}
	}
}

// TestPageNeedsNothingElse checks that the page refers to nothing outside of it, and that every reference inside of it
// leads somewhere.
func TestPageNeedsNothingElse(t *testing.T) {
	for run, r := range runs() {
		page := show(t, reports.HTML, r)
		doc := parsePage(t, page)
		ids := map[string]bool{}
		for _, n := range elements(doc, "") {
			id := attribute(n, "id")
			if id != "" && ids[id] {
				t.Errorf("%s: there are two elements %q", run, id)
			}
			ids[id] = true
		}
		for _, n := range elements(doc, "") {
			for _, key := range []string{"href", "src", "action", "data", "poster", "srcset"} {
				if to := attribute(n, key); to != "" && (!strings.HasPrefix(to, "#") || !ids[to[1:]]) {
					t.Errorf("%s: <%s %s=%q> leads nowhere, or out of the page", run, n.Data, key, to)
				}
			}
			for _, key := range []string{"aria-labelledby", "for"} {
				for _, to := range strings.Fields(attribute(n, key)) {
					if !ids[to] {
						t.Errorf("%s: <%s %s=%q> names nothing", run, n.Data, key, to)
					}
				}
			}
		}
		if strings.Contains(page, "://") {
			t.Errorf("%s: there is an address in the page", run)
		}
	}
}

// TestPagePolicyAllowsItsScriptOnly: the policy names the hash of the one script that runs, and forbids everything else.
func TestPagePolicyAllowsItsScriptOnly(t *testing.T) {
	doc := parsePage(t, show(t, reports.HTML, failover()))
	policy := ""
	for _, n := range elements(doc, "meta") {
		if attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
	}
	running := 0
	for _, n := range elements(doc, "script") {
		if attribute(n, "type") == "application/json" {
			continue
		}
		running++
		sum := sha256.Sum256([]byte(inner(n)))
		if want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(policy, want) {
			t.Errorf("the policy %q does not allow the script: %s", policy, want)
		}
	}
	if running != 1 || !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("%d scripts, policy %q", running, policy)
	}
}

func TestPageListsPromisesBrokenFirst(t *testing.T) {
	doc := parsePage(t, show(t, reports.HTML, crowded(64)))
	var order []string
	folded := 0
	for _, n := range elements(doc, "tr") {
		if !strings.HasPrefix(attribute(n, "id"), "promise-") {
			continue
		}
		order = append(order, attribute(n, "class"))
		if n.Parent.Parent.Parent.Data == "details" {
			folded++
			if !hasClass(n, "pass") {
				t.Error("a promise that was not kept is folded away")
			}
		}
	}
	if len(order) != 64 || folded != 34 || !slices.IsSortedFunc(order, func(a, b string) int {
		rank := []string{"broken", "inconclusive", "pass"}
		return slices.Index(rank, a) - slices.Index(rank, b)
	}) {
		t.Errorf("%d promises, %d folded, %v", len(order), folded, order)
	}
}

// TestPageShowsExactCountsWithoutScript reads the counts of a phase from the page as it is delivered.
func TestPageShowsExactCountsWithoutScript(t *testing.T) {
	r := failover()
	r.Series = []result.Series{{
		Layer: result.LayerClient, Name: appName, Bucket: ms(time.Minute), Labels: []string{"region01", "region02", result.Unanswered},
		Counts: [][]int{{900, 900, 900, 900, 100}, {0, 0, 0, 0, 800}, {0, 0, 0, 0, 3}},
	}}
	page := show(t, reports.HTML, r)
	for _, want := range []string{
		`<th scope="row">steady</th><td class="number">3,600</td><td class="number">0</td><td class="number">3,600 (100.0 %)</td><td class="number">0</td>`,
		`<th scope="row">vs-disabled</th><td class="number">903</td><td class="number bad">3 (0.3 %)</td><td class="number">100 (11.1 %)</td><td class="number">800 (88.6 %)</td>`,
		`4,503 answers: region01 82.2 %, region02 17.8 %, unanswered &lt;0.1 %.`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestPageShowsAFewUnansweredAmongMany: one unanswered question among 100,000 has a bar and a mark.
func TestPageShowsAFewUnansweredAmongMany(t *testing.T) {
	for _, unanswered := range []int{0, 1} {
		r := failover()
		r.Series = []result.Series{{
			Layer: result.LayerClient, Name: appName, Bucket: ms(10 * time.Minute), Labels: []string{"region01", result.Unanswered},
			Counts: [][]int{{100_000, 100_000}, {0, unanswered}},
		}}
		doc := parsePage(t, show(t, reports.HTML, r))
		bars, marks := 0, 0
		for _, n := range elements(doc, "rect") {
			if hasClass(n.Parent, "unanswered") && n.Parent.Data == "g" {
				bars++
				if h := attribute(n, "height"); h != "3" {
					t.Errorf("the bar is %s pixels high", h)
				}
			}
			if hasClass(n, "alarm") {
				marks++
			}
		}
		if bars != unanswered || marks != unanswered {
			t.Errorf("%d unanswered: %d bars, %d marks", unanswered, bars, marks)
		}
	}
}

// TestPageMarksLateSteps: a step beyond its bound reads as late, one at its bound does not.
func TestPageMarksLateSteps(t *testing.T) {
	r := failover()
	r.Ladders = []result.Ladder{{After: "x begins", Steps: []result.Step{
		{After: ms(10 * time.Second), Bound: ms(10 * time.Second), What: "in time"},
		{After: ms(10*time.Second + time.Millisecond), Bound: ms(10 * time.Second), What: "too late"},
	}}}
	page := show(t, reports.HTML, r)
	if strings.Count(page, `<li class="late">`) != 1 || !strings.Contains(page, "<b>1ms late</b>") || !strings.Contains(page, "<b>0s to spare</b>") {
		t.Error("the late step is not marked, or another one is")
	}
}

// TestPageListsTheRareEvents: 12,131 events do not fit; the page has the rare ones completely, and says what it lacks.
func TestPageListsTheRareEvents(t *testing.T) {
	page := show(t, reports.HTML, crowded(3))
	for _, want := range []string{
		"2,000 of 12,131 events; all are in", "Kinds that are not listed completely: query: 1,869 of 12,000.",
		"vs-down", "member-down", "gave-up",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	rows := 0
	for _, n := range elements(parsePage(t, page), "tr") {
		if n.Parent.Data == "tbody" && hasClass(n.Parent.Parent, "events") && !hasClass(n, "change") {
			rows++
		}
	}
	if rows != 2000 {
		t.Errorf("%d rows", rows)
	}
}

// TestPageHighlightsFaults: the log's own lines about faults are marked; without them the page adds some.
func TestPageHighlightsFaults(t *testing.T) {
	r := failover()
	if page := show(t, reports.HTML, r); strings.Count(page, `<tr class="fault during">`) != 2 || strings.Contains(page, "<b>fault begins</b>") {
		t.Error("the log tells of faults, but the page does not mark it, or repeats it")
	}
	r.Events = slices.DeleteFunc(r.Events, func(e result.Event) bool { return strings.HasPrefix(e.Kind, "fault") })
	page := show(t, reports.HTML, r)
	if strings.Count(page, "<b>fault begins</b>") != 2 || strings.Count(page, "<b>fault ends</b>") != 2 {
		t.Error("the log does not tell of faults, and neither does the page")
	}
}

// TestPageCountsWhatItLeavesOut goes beyond every limit.
func TestPageCountsWhatItLeavesOut(t *testing.T) {
	r := failover()
	r.Promises = promises(500)
	r.Reasons = slices.Repeat([]string{"an assumption"}, 25)
	for i := range 400 {
		r.Faults = append(r.Faults, result.Fault{Name: fmt.Sprint("f", i), From: ms(time.Duration(i) * time.Second), To: ms(span)})
		r.Calls = append(r.Calls, result.CallCount{Program: fmt.Sprint("p", i), Status: 200, Count: 1})
		r.Ladders = append(r.Ladders, result.Ladder{After: fmt.Sprint("change ", i), Steps: make([]result.Step, 70)})
		r.Services = append(r.Services, result.Service{Name: fmt.Sprint("s", i), Members: make([]result.Member, 3)})
		r.Series = append(r.Series, r.Series[0])
	}
	page := show(t, reports.HTML, r)
	for _, want := range []string{
		"... and 5 more, in report.json", "... and 100 more promises", "... and 102 more rows", "... and 105 more rows", "... and 344 more changes",
		"... and 30 more steps", "... and 101 more services", "... and 378 more series", "more faults, in the time line",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if len(page) > 2*maxPage {
		t.Errorf("the page has %d bytes", len(page))
	}
}
