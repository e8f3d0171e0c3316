package reports_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// canary is a short run for the examples.
func canary() *result.Result {
	return &result.Result{
		Scenario: "canary", Verdict: result.Broken, Seed: 7, Span: result.Millis(10 * time.Minute), Digest: "5f2c8e1b9d3a7046aa",
		Repeat: "gslbsim run scenarios/canary.yaml --seed 7",
		Promises: []result.Promise{
			{Name: "steady: every question is answered", Verdict: result.Pass, Observed: "0 of 24000", Bound: "= 0"},
			{
				Name: "canary: region02 gets a tenth", Kind: "ratio", Verdict: result.Broken, Observed: "33.1 %", Bound: "10 % +- 2 %",
				Formula: "ratio 1 of 1 + 9", Detail: "from 4:00.000 on, ratio 1 of 1 + 2",
			},
		},
		Events: []result.Event{{At: result.Millis(4 * time.Minute), Nanos: int64(4 * time.Minute), Actor: "operator", Kind: "gslbservice-updated", Text: "ratio 9 -> 2"}},
	}
}

func ExampleTerminal() {
	err := reports.Terminal(os.Stdout, canary(), reports.TerminalOptions{Wall: 800 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// === BROKEN ===  canary: 1 of 2 promises broken
	//
	// BROKEN  canary: region02 gets a tenth
	//         observed 33.1 %, promised 10 % +- 2 % (ratio 1 of 1 + 9)
	//         from 4:00.000 on, ratio 1 of 1 + 2
	// kept    steady: every question is answered  0 of 24000  = 0
	//
	// time      10m virtual, in 800ms of wall time: 750x
	// digest    5f2c8e1b9d3a..., seed 7
	// repeat    gslbsim run scenarios/canary.yaml --seed 7
}

func ExampleEvents() {
	if err := reports.Events(os.Stdout, canary()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"at_ms":240000,"at_ns":240000000000,"actor":"operator","kind":"gslbservice-updated","text":"ratio 9 -> 2"}
}

func ExampleWrite() {
	parent, err := os.MkdirTemp("", "gslbsim")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	files, err := reports.Write(reports.Folder(parent, "canary"), canary())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		fmt.Println(filepath.Base(file))
	}
	// Output:
	// report.html
	// report.json
	// events.jsonl
	// junit.xml
	// answers.csv
}
