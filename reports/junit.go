package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// junitTimestamp is the instant at which virtual clocks begin. Ant's schema demands a timestamp, and a result has no
// wall-clock time.
const junitTimestamp = "2000-01-01T00:00:00"

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Package    string          `xml:"package,attr"`
	ID         int             `xml:"id,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Time       string          `xml:"time,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"`
	Err        junitText       `xml:"system-err"`
}

// junitText is text of several lines, which stay lines in the file.
type junitText struct {
	Text string `xml:",cdata"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitOutcome `xml:"failure"`
	Error     *junitOutcome `xml:"error"`
	Skipped   *junitOutcome `xml:"skipped"`
}

type junitOutcome struct {
	Type    string `xml:"type,attr,omitempty"` // not for what was skipped: Ant's schema forbids it
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// JUnit writes junit.xml: one testsuite for the run and one testcase for each promise, the broken ones first. A broken
// promise is a failure; an inconclusive one is skipped. A verdict of the run that its promises do not explain has a
// testcase of its own, "the run as a whole": a failure if the run is broken, and an error (the test could not be made)
// if an assumption did not hold. Properties hold the seed, the digest and the command that repeats the run.
//
// The suite's time is the span of virtual time, in seconds; testcases, which are judged afterwards, take 0. The file is
// valid by the schemas of Jenkins (junit-10.xsd) and of Ant (JUnit.xsd), which is also what GitLab reads. The error is
// w's.
func JUnit(w io.Writer, r *result.Result) error {
	s := standingOf(r)
	suite := junitSuite{
		Name:       orElse(wording.Line(r.Scenario), "unnamed scenario"),
		Hostname:   "gslbsim",
		Timestamp:  junitTimestamp,
		Time:       seconds(max(0, r.Span.Duration())),
		Properties: junitProperties(r, s),
	}
	suite.Package = suite.Name
	for i, p := range s.promises {
		suite.add(suite.promiseCase(i, p))
	}
	if c, ok := suite.runCase(r, s); ok {
		suite.add(c)
	}
	var summary bytes.Buffer
	if err := Terminal(&summary, r, TerminalOptions{Width: maxWidth}); err != nil {
		return err
	}
	suite.Out.Text = "\n" + summary.String()
	return writeXML(w, junitSuites{Suite: suite})
}

func writeXML(w io.Writer, suites junitSuites) error {
	out, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return fmt.Errorf("reports: write the promises as JUnit: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, out)
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// promiseCase is the testcase of the i-th promise, which is named after it.
func (s *junitSuite) promiseCase(i int, p result.Promise) junitCase {
	c := junitCase{
		Name:      orElse(wording.Line(p.Name), "promise "+strconv.Itoa(i+1)),
		Classname: "gslbsim." + s.Name,
		Time:      seconds(0),
	}
	kind := orElse(wording.Line(p.Kind), "promise")
	switch p.Verdict {
	case result.Broken:
		c.Failure = &junitOutcome{
			Type:    kind,
			Message: wording.Line(fmt.Sprintf("BROKEN: observed %s, promised %s", orDash(p.Observed), orDash(p.Bound))),
			Text:    promiseText(p),
		}
	case result.Inconclusive:
		c.Skipped = &junitOutcome{
			Message: wording.Line("inconclusive: " + orElse(p.Detail, "there was too little to judge by")),
			Text:    promiseText(p),
		}
	}
	return c
}

// promiseText is everything that is known of a promise, one thing a line.
func promiseText(p result.Promise) string {
	var b strings.Builder
	for _, line := range []struct{ name, text string }{
		{"observed", p.Observed}, {"bound", p.Bound}, {"formula", p.Formula}, {"detail", p.Detail},
	} {
		if text := wording.Text(line.text); text != "" {
			fmt.Fprintf(&b, "\n%-8s  %s", line.name, text)
		}
	}
	return b.String() + "\n"
}

// runCase is the testcase of the run as a whole. There is none if the promises tell the verdict.
func (s *junitSuite) runCase(r *result.Result, st standing) (c junitCase, ok bool) {
	c = junitCase{Name: "the run as a whole", Classname: "gslbsim." + s.Name, Time: seconds(0)}
	reasons := wording.Text(strings.Join(r.Reasons, "\n"))
	switch {
	case st.verdict == result.Broken && st.broken == 0:
		message := "BROKEN: the run is broken, but none of its promises says why"
		c.Failure = &junitOutcome{Type: "run", Message: message, Text: reasons}
	case known(r.Verdict) == result.Inconclusive && (st.inconclusive == 0 || len(r.Reasons) > 0):
		why := orElse(wording.Line(strings.Join(r.Reasons, "; ")), "the run gives no verdict, and no reason")
		c.Error = &junitOutcome{Type: "assumption", Message: "INCONCLUSIVE: " + why, Text: reasons}
	default:
		return c, false
	}
	return c, true
}

func junitProperties(r *result.Result, s standing) []junitProperty {
	list := []junitProperty{
		{"verdict", string(s.verdict)},
		{"seed", strconv.FormatUint(r.Seed, 10)},
		{"digest", wording.Line(r.Digest)},
		{"repeat", wording.Line(r.Repeat)},
	}
	if r.Sabotage != "" {
		list = append(list, junitProperty{"sabotage", wording.Line(r.Sabotage)})
	}
	return list
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func orDash(s string) string { return orElse(s, "-") }
