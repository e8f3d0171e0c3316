package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/dnsfile"
	"github.com/gslbsim/gslbsim/cmd/gslbsim/loadtest"
	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
	"github.com/gslbsim/gslbsim/sim/result"
)

type loadtestFlags struct {
	trace, config, server string
	rate                  float64
	queries               int
	driver                string
	timeout               time.Duration
	quiet                 bool
}

func newLoadtest() *cobra.Command {
	var flags loadtestFlags
	cmd := &cobra.Command{
		Use:   "loadtest --trace FILE --config FILE",
		Short: "Play a file of queries against a live server and check the answers",
		Long: `Serves the table of a file for gslbsim dns on a port of its own, or takes a server that
runs elsewhere with the same table, and plays a query file as dnsperf takes it: a name and
a type on each line. Checks every second, and at the end, that nothing is lost and that
every name is answered as the table says, in shares where members take turns.

With dnsperf installed it sends the load, and answers are sampled beside it; else a
built-in client sends and checks everything.

Exit status: 0 every promise held, 1 a promise was broken, 2 unusable input, 3 inconclusive.`,
		Example: `  gslbsim loadtest --trace scenarios/traces/lab.txt --config scenarios/traces/lab.yaml --rate 1000
  gslbsim loadtest --trace mine.txt --config table.yaml --server 127.0.0.1:5353 --driver builtin`,
		Args: noArguments(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runLoadtest(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.trace, "trace", "", "query file (required)")
	f.StringVar(&flags.config, "config", "", "file that says what is served (required)")
	f.StringVar(&flags.server, "server", "", "address:port of a server that serves the file (default: one is started)")
	f.Float64Var(&flags.rate, "rate", 0, "queries a second (default: as fast as replies come)")
	f.IntVar(&flags.queries, "queries", 10_000, "queries at least; the query file is repeated whole")
	f.StringVar(&flags.driver, "driver", string(loadtest.Automatic), "who sends the queries: "+strings.Join(loadtest.Drivers(), ", "))
	f.DurationVar(&flags.timeout, "timeout", 5*time.Second, "after which a query without reply is lost; dnsperf takes whole seconds")
	f.BoolVar(&flags.quiet, "quiet", false, "no line every second")
	return cmd
}

// maxLoadtestQueries bounds what one load test sends.
const maxLoadtestQueries = 1_000_000_000

func (f *loadtestFlags) check() error {
	switch {
	case f.trace == "":
		return errors.New("--trace is missing: give a query file, such as scenarios/traces/lab.txt")
	case f.config == "":
		return errors.New("--config is missing: give the file that says what is served, such as scenarios/traces/lab.yaml")
	case f.rate < 0 || f.rate > 10_000_000:
		return fmt.Errorf("--rate %v: use 0 to 10000000 queries a second", f.rate)
	case f.queries < 1 || f.queries > maxLoadtestQueries:
		return fmt.Errorf("--queries %d: use 1 to %d", f.queries, maxLoadtestQueries)
	case f.timeout <= 0 || f.timeout > time.Minute:
		return fmt.Errorf("--timeout %v: use a duration above zero, up to 1m", f.timeout)
	case !slices.Contains(loadtest.Drivers(), f.driver):
		return fmt.Errorf("--driver %s: use one of %s", f.driver, strings.Join(loadtest.Drivers(), ", "))
	}
	return nil
}

func runLoadtest(ctx context.Context, stdout, stderr io.Writer, flags loadtestFlags) error {
	if err := flags.check(); err != nil {
		return err
	}
	trace, err := mistakesIn(loadtest.ReadTrace(flags.trace))
	if err != nil {
		return err
	}
	table, err := mistakesIn(dnsfile.Load(flags.config))
	if err != nil {
		return err
	}
	plan := loadtest.Plan{
		Path: flags.trace, Trace: trace, Table: table, Rate: flags.rate, Queries: flags.queries, Driver: loadtest.Driver(flags.driver),
		Timeout: flags.timeout,
	}
	if !flags.quiet {
		plan.Progress = func(line string) { fmt.Fprintln(stderr, line) }
	}
	stop, err := serveFor(&plan, flags.server)
	if err != nil {
		return err
	}
	defer stop()
	outcome, err := plan.Run(ctx)
	if err != nil {
		return err
	}
	if err := writeLoadtest(stdout, &plan, outcome); err != nil {
		return err
	}
	if outcome.Verdict != result.Pass {
		return exit{outcome.Verdict.ExitStatus()}
	}
	return nil
}

// serveFor tells the plan its server: the one that runs elsewhere, or one that is started on a port of the system's choice.
func serveFor(plan *loadtest.Plan, elsewhere string) (stop func(), err error) {
	if elsewhere != "" {
		plan.Server, err = netip.ParseAddrPort(elsewhere)
		if err != nil {
			err = fmt.Errorf("--server %s: use address:port, such as %s", elsewhere, dnsListen)
		}
		return func() {}, err
	}
	responder := dns.NewResponder(1)
	responder.Publish(plan.Table)
	loopback := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	srv, err := server.Start(responder, server.Config{Addresses: []netip.AddrPort{loopback}})
	if err != nil {
		return nil, err
	}
	plan.Server = srv.Addresses()[0]
	return func() { _ = stopDNS(srv) }, nil
}

// longestList is how many kept promises are listed; broken ones always are.
const longestList = 20

func writeLoadtest(w io.Writer, plan *loadtest.Plan, o *loadtest.Outcome) error {
	word := map[result.Verdict]string{result.Pass: "kept", result.Broken: "BROKEN", result.Inconclusive: "open"}
	title := map[result.Verdict]string{result.Pass: "PASS", result.Broken: "BROKEN", result.Inconclusive: "INCONCLUSIVE"}
	fmt.Fprintf(w, "=== %s ===  %s: %d queries to %v in %v (%.0f a second), sent by %s\n\n", title[o.Verdict],
		filepath.Base(plan.Path), o.Sent, plan.Server, o.Took.Round(10*time.Millisecond), float64(o.Sent)/o.Took.Seconds(), driverName(o.Driver))
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	listed, more := 0, 0
	for _, p := range o.Promises {
		if p.Verdict == result.Pass && listed >= longestList {
			more++
			continue
		}
		listed++
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", word[p.Verdict], p.Name, p.Observed, p.Bound, p.Detail)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(lines.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	if more > 0 {
		fmt.Fprintf(w, "and %d more, kept\n", more)
	}
	return nil
}

func driverName(d loadtest.Driver) string {
	if d == loadtest.BuiltIn {
		return "the built-in client"
	}
	return string(d)
}
