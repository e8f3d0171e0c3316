package reports_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// hidden is a run that calls itself passed, with one broken promise last among a hundred that were kept.
func hidden() *result.Result {
	r := kept()
	r.Promises = promises(100)
	for i := range r.Promises {
		r.Promises[i].Verdict, r.Promises[i].Detail = result.Pass, ""
	}
	r.Promises[99].Name, r.Promises[99].Verdict = "the needle", result.Broken
	return r
}

// TestABrokenPromiseCannotBeMissed checks, in each form that people or machines judge by, that the needle is where they
// look first; and that none of it is there if it is not broken.
func TestABrokenPromiseCannotBeMissed(t *testing.T) {
	sound := hidden()
	sound.Promises[99].Verdict = result.Pass
	for name, tells := range map[string]func(t *testing.T, r *result.Result) bool{
		"terminal": terminalTells, "page": pageTells, "JUnit": junitTells,
	} {
		if !tells(t, hidden()) {
			t.Errorf("%s hides the broken promise", name)
		}
		if tells(t, sound) {
			t.Errorf("%s tells of a broken promise where there is none", name)
		}
	}
}

func terminalTells(t *testing.T, r *result.Result) bool {
	lines := strings.Split(show(t, terminal(reports.TerminalOptions{}), r), "\n")
	return strings.HasPrefix(lines[0], "=== BROKEN ===") && strings.HasPrefix(lines[3], "BROKEN  the needle")
}

func pageTells(t *testing.T, r *result.Result) bool {
	page := show(t, reports.HTML, r)
	head, _, _ := strings.Cut(page, "</header>")
	return strings.Contains(head, "<title>BROKEN: ") && strings.Contains(head, `<body class="broken">`) &&
		strings.Contains(head, "What broke") && strings.Contains(head, `<a href="#promise-1">the needle</a>`)
}

// TestPageSaysOfBrokenPromisesThatTheyBroke: also where the run has no verdict, because an assumption did not hold.
func TestPageSaysOfBrokenPromisesThatTheyBroke(t *testing.T) {
	r := hidden()
	r.Verdict, r.Reasons = result.Inconclusive, []string{"the leader holds no GSLB service"}
	for _, c := range []struct {
		verdict result.Verdict
		want    string
	}{{result.Broken, "<h2>What broke</h2>"}, {result.Inconclusive, "<h2>What could not be judged</h2>"}} {
		r.Promises[99].Verdict = c.verdict
		page := show(t, reports.HTML, r)
		if !strings.Contains(page, `<body class="inconclusive">`) || !strings.Contains(page, c.want) {
			t.Errorf("a promise that is %s is not under %s", c.verdict, c.want)
		}
	}
}

func junitTells(t *testing.T, r *result.Result) bool {
	suite := parseJUnit(t, show(t, reports.JUnit, r))
	return suite.Failures == 1 && suite.Cases[0].Name == "the needle" && strings.HasPrefix(suite.Cases[0].Failure.Message, "BROKEN")
}

// TestJSONTellsTheVerdictOfEachPromise: programs read the fields, so the form leaves them as they are.
func TestJSONTellsTheVerdictOfEachPromise(t *testing.T) {
	text := show(t, reports.JSON, hidden())
	_, needle, _ := strings.Cut(text, `"name": "the needle"`)
	if needle, _, _ = strings.Cut(needle, "}"); !strings.Contains(needle, `"verdict": "broken"`) {
		t.Errorf("the needle is %s", needle)
	}
}

// TestVerdictIsTheWorstOfAll covers results that contradict themselves, and verdicts that nobody knows.
func TestVerdictIsTheWorstOfAll(t *testing.T) {
	for _, c := range []struct {
		run, promise result.Verdict
		want         string
	}{
		{result.Pass, result.Pass, "PASS"},
		{result.Pass, result.Inconclusive, "INCONCLUSIVE"},
		{result.Pass, result.Broken, "BROKEN"},
		{result.Inconclusive, result.Pass, "INCONCLUSIVE"},
		{result.Inconclusive, result.Broken, "BROKEN"},
		{result.Broken, result.Pass, "BROKEN"},
		{"", result.Pass, "INCONCLUSIVE"},
		{result.Pass, "", "INCONCLUSIVE"},
		{result.Pass, "passed", "INCONCLUSIVE"},
	} {
		r := kept()
		r.Verdict, r.Promises[3].Verdict = c.run, c.promise
		if text := show(t, terminal(reports.TerminalOptions{}), r); !strings.HasPrefix(text, "=== "+c.want+" ===") {
			t.Errorf("run %q, promise %q: %q", c.run, c.promise, text[:30])
		}
		if page := show(t, reports.HTML, r); !strings.Contains(page, "<title>"+c.want+": ") {
			t.Errorf("run %q, promise %q: the page has another verdict", c.run, c.promise)
		}
		suite := parseJUnit(t, show(t, reports.JUnit, r))
		if green := suite.Failures+suite.Errors+suite.Skipped == 0; green != (c.want == "PASS") {
			t.Errorf("run %q, promise %q: JUnit is green: %v", c.run, c.promise, green)
		}
	}
}

// A run whose assumptions did not hold has no verdict, as its exit status says, whatever its promises say.
func TestReasonsGoBeforeBrokenPromises(t *testing.T) {
	r := kept()
	r.Verdict, r.Promises[3].Verdict, r.Reasons = result.Inconclusive, result.Broken, []string{"nothing was deployed"}
	if text := show(t, terminal(reports.TerminalOptions{}), r); !strings.HasPrefix(text, "=== INCONCLUSIVE ===") || !strings.Contains(text, "BROKEN") {
		t.Errorf("%s", text)
	}
	if page := show(t, reports.HTML, r); !strings.Contains(page, "<title>INCONCLUSIVE: ") {
		t.Error("the page has another verdict")
	}
	if suite := parseJUnit(t, show(t, reports.JUnit, r)); suite.Errors != 1 || suite.Failures != 1 {
		t.Errorf("JUnit: %+v", suite)
	}
}

// suite is what CI servers read of junit.xml.
type suite struct {
	Name     string  `xml:"name,attr"`
	Time     float64 `xml:"time,attr"`
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Cases    []struct {
		Name    string  `xml:"name,attr"`
		Failure outcome `xml:"failure"`
		Error   outcome `xml:"error"`
		Skipped outcome `xml:"skipped"`
	} `xml:"testcase"`
	Properties []struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	} `xml:"properties>property"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func parseJUnit(t testing.TB, text string) suite {
	t.Helper()
	var file struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(file.Suites) != 1 {
		t.Fatalf("%d suites", len(file.Suites))
	}
	return file.Suites[0]
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	for run, r := range runs() {
		s := parseJUnit(t, show(t, reports.JUnit, r))
		failures, errors, skipped := 0, 0, 0
		for _, c := range s.Cases {
			switch {
			case c.Failure.Message != "":
				failures++
			case c.Error.Message != "":
				errors++
			case c.Skipped.Message != "":
				skipped++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != errors || s.Skipped != skipped {
			t.Errorf("%s: %d, %d, %d, %d do not count the testcases", run, s.Tests, s.Failures, s.Errors, s.Skipped)
		}
		if s.Time != r.Span.Duration().Seconds() {
			t.Errorf("%s: time %g", run, s.Time)
		}
	}
}

// TestJUnitOfABrokenAssumptionIsAnError: a run without a verdict must not turn CI green.
func TestJUnitOfABrokenAssumptionIsAnError(t *testing.T) {
	s := parseJUnit(t, show(t, reports.JUnit, unjudged()))
	last := s.Cases[len(s.Cases)-1]
	if s.Errors != 1 || last.Name != "the run as a whole" || !strings.Contains(last.Error.Message, "the set-up did not settle") {
		t.Errorf("%+v", last)
	}
}
