package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Limits of the page. What goes beyond them is counted on the page, which names the file that has it.
const (
	maxPromisesOpen = 30   // promises shown at once; further kept ones are folded away
	maxPromises     = 400  // promises on the page
	maxLaddersOpen  = 10   // ladders shown at once
	maxLadders      = 60   // ladders on the page
	maxSteps        = 40   // steps of one ladder
	maxPictures     = 24   // pictures of answers
	maxReasonsShown = 20   // reasons why there is no verdict
	maxRows         = 300  // rows of any other table
	maxMembers      = 1000 // members of all services together
	maxText         = 1200 // characters of any text
	maxName         = 200  // characters of a name
)

//go:embed assets/*.gohtml assets/report.css assets/report.js
var assets embed.FS

var (
	pageTemplate = template.Must(template.New("report.gohtml").Funcs(pageWords).ParseFS(assets, "assets/*.gohtml"))
	pageWords    = template.FuncMap{"count": wording.Count}
	pageStyle    = template.CSS(asset("assets/report.css"))
	pageScript   = template.JS(asset("assets/report.js"))
)

func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // not embedded: the program was built wrongly
	}
	return string(b)
}

// HTML writes report.html: one page that needs no other file and no network, for light and dark, wide and narrow
// screens, and paper. It can be read without JavaScript, which adds a time cursor, filters and copy buttons. A content
// security policy in the page forbids whatever is not part of it. The error is w's.
func HTML(w io.Writer, r *result.Result) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, pageOf(r)); err != nil {
		return fmt.Errorf("reports: write the page: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// pageView is everything that the page shows, worded and measured; the templates only place it.
type pageView struct {
	Style    template.CSS
	Script   template.JS
	Policy   string
	Scenario string
	About    string
	Verdict  verdictView
	Headline string
	Culprits []promiseView // the promises that made the verdict, unless it is a pass
	Hidden   int           // those that Culprits has no room for
	Reasons  []string
	Untold   int // reasons that are not on the page
	Sabotage string
	Facts    []factView
	Digest   string
	Repeat   string
	Promises promisesView
	Timeline timelineView
	Recovery recoveryView
	Answers  answersView
	Traffic  tableView
	World    worldView
	Calls    tableView
	Events   eventsView
}

// verdictView is a verdict as a word, and as a name for styles and marks.
type verdictView struct {
	Class string // "pass", "broken", "inconclusive"
	Word  string
}

// factView is one line of the list of facts.
type factView struct{ Name, Value string }

func pageOf(r *result.Result) pageView {
	s := standingOf(r)
	p := pageView{
		Style:    pageStyle,
		Script:   pageScript,
		Policy:   policy(),
		Scenario: orElse(name(r.Scenario), "unnamed scenario"),
		About:    text(r.About),
		Verdict:  verdictView{Class: string(s.verdict), Word: title(s.verdict)},
		Headline: s.headline(),
		Sabotage: text(r.Sabotage),
		Facts:    factsOf(r),
		Digest:   name(r.Digest),
		Repeat:   text(r.Repeat),
		Promises: promisesOf(s),
		Timeline: timelineOf(r),
		Recovery: recoveryOf(r),
		Answers:  answersOf(r),
		Traffic:  trafficTable(r.Traffic),
		World:    worldOf(r),
		Calls:    callsTable(r.Calls),
		Events:   eventsOf(r),
	}
	for _, reason := range r.Reasons[:min(len(r.Reasons), maxReasonsShown)] {
		p.Reasons = append(p.Reasons, text(reason))
	}
	p.Untold = len(r.Reasons) - len(p.Reasons)
	p.Culprits, p.Hidden = culprits(p.Promises, s)
	return p
}

// policy is the content security policy of the page: nothing may be loaded, and only the page's own script may run.
func policy() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

func factsOf(r *result.Result) []factView {
	facts := []factView{{"Virtual time", wording.Span(r.Span.Duration())}}
	if r.Setup > 0 {
		facts = append(facts, factView{"Set-up before it", wording.Span(r.Setup.Duration())})
	}
	return append(facts,
		factView{"Seed", strconv.FormatUint(r.Seed, 10)},
		factView{"Answers observed", wording.Count(answersIn(r.Series))},
		factView{"API requests", wording.Count(callsIn(r.Calls))},
		factView{"Events", wording.Count(len(r.Events))},
	)
}

// text makes a text of the result fit for the page.
func text(s string) string {
	return wording.CutRunes(strings.TrimSpace(wording.Text(s)), maxText)
}

// name makes a name of the result fit for the page.
func name(s string) string { return wording.CutRunes(wording.Line(s), maxName) }
