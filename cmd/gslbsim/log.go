package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

type logFlags struct {
	site, name  string
	from, to    time.Duration
	seed        uint64
	sabotage    string
	unthrottled bool
	csv, json   bool
}

// unthrottledLimit is how many entries are kept without throttles: about a gigabyte.
const unthrottledLimit = 1_000_000

func newLog() *cobra.Command {
	var flags logFlags
	cmd := &cobra.Command{
		Use:   "log SCENARIO|FILE.csv",
		Short: "Show the query log of a scenario's DNS virtual services, or shares in an exported one",
		Long: `Plays a scenario and shows what its DNS virtual services logged of their clients' queries:
the shares of the answers given for each name, or with --csv or --json the entries, with
the fields of the product's own log (dns_fqdn, dns_ips, gslbpool_name, ...).

As in the product, each virtual service keeps 10 entries a second of each kind, and
insignificant ones for 30 minutes; what was lost that way is told. --unthrottled keeps
everything. The clock of a run begins on 1 January 2000.

Of a file of CSV, the export of a DNS virtual service's log or what gslbsim dns --query-log
wrote, it shows the shares of the answers.`,
		Example: `  gslbsim log failover
  gslbsim log failover --site region02 --from 10m --to 15m --unthrottled
  gslbsim log failover --csv > queries.csv
  gslbsim log queries.csv --name application01.gslb.aclab.uk`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("give the name of one scenario or the path of a file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if filepath.Ext(args[0]) == ".csv" {
				for _, name := range []string{"site", "from", "to", "seed", "break", "unthrottled", "csv", "json"} {
					if cmd.Flags().Changed(name) {
						return fmt.Errorf("--%s is for scenarios; of a file only --name can be picked", name)
					}
				}
				return showExport(cmd.OutOrStdout(), args[0], flags.name)
			}
			return showLog(cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.site, "site", "", "only queries to the DNS virtual service of a site")
	f.StringVar(&flags.name, "name", "", "only queries for a name (dns_fqdn)")
	f.DurationVar(&flags.from, "from", 0, "only queries from this instant of the scenario's clock on")
	f.DurationVar(&flags.to, "to", 0, "only queries before this instant (default: to the end)")
	f.Uint64Var(&flags.seed, "seed", 0, "seed of everything random (default: the scenario's own)")
	f.StringVar(&flags.sabotage, "break", "", "break the stack on purpose, as in gslbsim run")
	f.BoolVar(&flags.unthrottled, "unthrottled", false, "keep every query")
	f.BoolVar(&flags.csv, "csv", false, "print the entries as the product's CSV export")
	f.BoolVar(&flags.json, "json", false, "print the entries as the product's log API returns them")
	return cmd
}

func showLog(stdout, stderr io.Writer, name string, flags logFlags) error {
	if flags.csv && flags.json {
		return errors.New("--csv and --json: give one of them")
	}
	s, err := load(name)
	if err != nil {
		return err
	}
	if flags.seed != 0 {
		s.Seed = flags.seed
	}
	if err := flags.checkSite(s); err != nil {
		return err
	}
	s.Promises = nil // nobody asks for a verdict
	if flags.to > 0 {
		s.Duration = min(s.Duration, flags.to)
	}
	policy := querylog.DefaultPolicy(time.Time{})
	if flags.unthrottled {
		policy = querylog.Policy{Limit: unthrottledLimit}
	}
	opts := sim.Options{Sabotage: flags.sabotage, QueryLog: &policy}
	if err := opts.Check(); err != nil {
		return fmt.Errorf("--break: %w", err)
	}
	r, err := sim.Run(s, opts)
	if err != nil {
		return err
	}
	for _, reason := range r.Reasons {
		fmt.Fprintln(stderr, "gslbsim log: the scenario went wrong:", reason)
	}
	entries := flags.pick(r, s)
	switch {
	case flags.csv:
		err = querylog.WriteCSV(stdout, entries)
	case flags.json:
		err = writeLogJSON(stdout, entries)
	default:
		err = writeLogShares(stdout, entries)
	}
	if r.Queries.Lost > 0 {
		fmt.Fprintf(stderr, "gslbsim log: %d queries were not logged because of throttles; --unthrottled keeps all\n", r.Queries.Lost)
	}
	return err
}

// showExport shows the shares in a file of CSV, of one name if it is given.
func showExport(stdout io.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	defer func() { _ = file.Close() }()
	var tally querylog.Tally
	if err := tally.AddCSV(bufio.NewReader(file)); err != nil {
		return fmt.Errorf("%s:%w", path, err)
	}
	names := tally.Names()
	if name != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.EqualFold(n, strings.TrimSuffix(name, ".")) })
	}
	return writeTally(stdout, &tally, names)
}

// checkSite refuses a site that has no DNS virtual service.
func (f *logFlags) checkSite(s *scenario.Scenario) error {
	var names []string
	for _, site := range s.World.GSLBSites() {
		names = append(names, site.Name)
	}
	if f.site == "" || slices.Contains(names, f.site) {
		return nil
	}
	return fmt.Errorf("no site %q has a DNS virtual service (those are %s)", f.site, strings.Join(names, ", "))
}

// pick returns the entries that the flags ask for. Entries tell the site by the address asked.
func (f *logFlags) pick(r *result.Result, s *scenario.Scenario) []querylog.Entry {
	var server netip.Addr
	if f.site != "" {
		server = s.World.Site(f.site).Engines.DNS
	}
	zero := r.Queries.Zero
	var out []querylog.Entry
	for _, e := range r.Queries.Entries {
		at := e.Start.Sub(zero)
		switch {
		case f.site != "" && e.VSAddr != server:
		case f.name != "" && !strings.EqualFold(e.FQDN, strings.TrimSuffix(f.name, ".")):
		case at < f.from, f.to > 0 && at >= f.to:
		default:
			out = append(out, e)
		}
	}
	return out
}

func writeLogJSON(w io.Writer, entries []querylog.Entry) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Count   int              `json:"count"`
		Results []querylog.Entry `json:"results"`
	}{len(entries), entries})
}

// writeLogShares writes a table of answers for each name.
func writeLogShares(w io.Writer, entries []querylog.Entry) error {
	var tally querylog.Tally
	for i := range entries {
		if err := tally.Add(&entries[i]); err != nil {
			return err
		}
	}
	return writeTally(w, &tally, tally.Names())
}

func writeTally(w io.Writer, tally *querylog.Tally, names []string) error {
	if len(names) == 0 {
		_, err := fmt.Fprintln(w, "no query was logged")
		return err
	}
	for i, name := range names {
		if i > 0 {
			fmt.Fprintln(w)
		}
		queries := "queries"
		if tally.Count(name) == 1 {
			queries = "query"
		}
		fmt.Fprintf(w, "%s: %d %s\n", name, tally.Count(name), queries)
		if err := querylog.WriteShares(w, tally.Shares(name)); err != nil {
			return err
		}
	}
	return nil
}
