package reports_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// hostile is a run in which every text is s, and every number is n.
func hostile(s string, n int64) *result.Result {
	m := result.Millis(n)
	labels := []string{s, s + "2", result.Unanswered}
	r := &result.Result{
		Scenario: s, About: s, Repeat: s, Digest: s, Sabotage: s, Reasons: []string{s}, Verdict: result.Broken, Seed: uint64(n),
		Setup: m, Span: m,
		Sites:    []result.Site{{Name: s, Role: s, Controller: s, DNS: []string{s}, Clusters: []string{s, s}}},
		Services: []result.Service{{Name: s, TTL: int(n), Members: []result.Member{{Address: s, Site: s, Pool: s, Ratio: int(n)}}}},
		Phases:   []result.Phase{{Name: s, From: -m, To: m}, {Name: s, From: m, To: -m}},
		Faults:   []result.Fault{{Name: s, Action: s, Target: s, Site: s, From: m, To: 2 * m}, {Name: s, From: -m, To: m}},
		Ladders:  []result.Ladder{{After: s, At: m, Steps: []result.Step{{After: m, What: s, Bound: m / 2}, {After: -m, What: s}}}},
		Series: []result.Series{
			{Layer: s, Name: s, Bucket: m, Labels: labels, Counts: [][]int{{int(n), 3}, {1}}},
			{Layer: result.LayerClient, Name: s, Labels: labels, Counts: [][]int{{1, 2}, {3, 4}, {5, int(n)}}},
		},
		Traffic: []result.Traffic{{Name: s, Host: s, Queries: int(n), Unanswered: int(n), Slowest: m}},
		Calls:   []result.CallCount{{Program: s, Method: s, Type: s, Status: int(n), Count: int(n)}},
		Events:  []result.Event{{At: m, Nanos: n, Actor: s, Kind: s, Text: s}, {At: -m, Actor: s, Kind: "fault " + s, Text: s}},
	}
	for _, v := range []result.Verdict{result.Broken, result.Inconclusive, result.Pass, result.Verdict(s)} {
		r.Promises = append(r.Promises, result.Promise{Name: s, Kind: s, Verdict: v, Observed: s, Bound: s, Formula: s, Detail: s})
	}
	return r
}

var hostileTexts = []string{
	"", "plain", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "'; alert(1); //", "</script><script>alert(1)</script>",
	"<!--", "]]>", "</style><style>*{display:none}", "javascript:alert(1)", "{{.}}", "\x1b[2J\x1b]0;owned\x07", "a\x00b\r\nc\td",
	"\u202etxt.exe", "\xff\xfe", "=1+1", "\u6771\u4eac", strings.Repeat("long-", 500), strings.Repeat("x", 5000), "e" + strings.Repeat("\u0301", 3000),
}

// FuzzHostileTexts puts a text wherever a result has one, and a number wherever it has one: every form stays what it is,
// and the text stays text.
func FuzzHostileTexts(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, int64(i)*int64(time.Minute))
	}
	f.Add("", int64(-1<<63))
	f.Add("", int64(1<<63-1))
	plain := shape(f, hostile("plain", int64(time.Minute)))
	f.Fuzz(func(t *testing.T, s string, n int64) {
		r := hostile(s, n)
		for tag := range shape(t, r) {
			if !plain[tag] {
				t.Errorf("the text adds %s to the page", tag)
			}
		}
		parseJUnit(t, show(t, reports.JUnit, r))
		if !json.Valid([]byte(show(t, reports.JSON, r))) {
			t.Error("report.json is no JSON")
		}
		for scanner := bufio.NewScanner(strings.NewReader(show(t, reports.Events, r))); scanner.Scan(); {
			if !json.Valid(scanner.Bytes()) {
				t.Errorf("this line of events.jsonl is no JSON: %s", scanner.Text())
			}
		}
		if _, err := csv.NewReader(strings.NewReader(show(t, reports.CSV, r))).ReadAll(); err != nil {
			t.Errorf("answers.csv: %v", err)
		}
		for _, width := range []int{60, 80, 120, 160} {
			text := show(t, terminal(reports.TerminalOptions{Width: width, Wall: time.Duration(n), Files: []string{s}}), r)
			checkFits(t, text, width)
			checkPrintable(t, text)
		}
	})
}

// shape returns the elements of a page with their attributes, and reports what could drive the reader's terminal or
// disguise text. Attributes that depend on what there is to show, such as a class, count without their value.
func shape(t testing.TB, r *result.Result) map[string]bool {
	t.Helper()
	page := show(t, reports.HTML, r)
	checkPrintable(t, page)
	seen := map[string]bool{}
	scripts := 0
	for _, n := range elements(parsePage(t, page), "") {
		seen["<"+n.Data+">"] = true
		for _, a := range n.Attr {
			seen[fmt.Sprintf("<%s %s>", n.Data, a.Key)] = true
		}
		if n.Data == "script" && attribute(n, "type") != "application/json" {
			scripts++
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts run on the page", scripts)
	}
	return seen
}

func checkPrintable(t testing.TB, text string) {
	t.Helper()
	for _, c := range text {
		if c != '\n' && c != '\t' && unicode.In(c, unicode.Cc, unicode.Cf) {
			t.Fatalf("there is a %U", c)
		}
	}
}

// TestHostileTextsAreShown: what is foreign is not only harmless, but still there to be read.
func TestHostileTextsAreShown(t *testing.T) {
	doc := parsePage(t, show(t, reports.HTML, hostile("<script>alert(1)</script>", 0)))
	var h1 *html.Node
	for _, n := range elements(doc, "h1") {
		h1 = n
	}
	if got := inner(h1); got != "<script>alert(1)</script>" {
		t.Errorf("the heading is %q", got)
	}
}
