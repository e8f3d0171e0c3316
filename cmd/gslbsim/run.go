package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/strict"
)

type runFlags struct {
	seed     uint64
	out      string
	sabotage string
}

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run NAME | FILE",
		Short: "Run a scenario in virtual time and judge it",
		Long: `Runs a scenario: one of those that come with gslbsim by its name, or one of your own by
the path of its file. Leaves report.html, report.json, events.jsonl, junit.xml and
answers.csv in a folder named after the scenario.

Exit status: 0 every promise held, 1 a promise was broken, 2 unusable input (nothing is
written), 3 inconclusive.

--break breaks the stack on purpose, to see that the promises notice:
  ` + strings.Join(sim.SabotageNames(), "\n  "),
		Example: `  gslbsim run failover
  gslbsim run failover --seed 7 --out /tmp/gslb
  gslbsim run ./my-scenario.yaml
  gslbsim run failover --break ttl-ignored     # see a promise break`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give the name of one scenario (%s) or the path of a file", strings.Join(scenarios.Names(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, args[0], flags) },
	}
	cmd.Flags().Uint64Var(&flags.seed, "seed", 0, "seed of everything random (default: the scenario's own)")
	cmd.Flags().StringVar(&flags.out, "out", "out", "folder for reports")
	cmd.Flags().StringVar(&flags.sabotage, "break", "", "break the stack on purpose, in one of the ways above")
	return cmd
}

func run(cmd *cobra.Command, name string, flags runFlags) error {
	s, err := load(name)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("seed") {
		s.Seed = flags.seed
	}
	opts := sim.Options{Sabotage: flags.sabotage, Repeat: repeat(name, s.Seed, flags)}
	if err := opts.Check(); err != nil {
		return fmt.Errorf("--break: %w", err)
	}
	began := time.Now()
	r, err := sim.Run(s, opts)
	wall := time.Since(began)
	if err != nil {
		return err
	}
	folder := reports.Folder(flags.out, s.Name)
	files, err := reports.Write(folder, r)
	if err != nil {
		return err
	}
	err = reports.Terminal(cmd.OutOrStdout(), r, reports.TerminalOptions{Wall: wall, Files: files, Color: isTerminal(cmd.OutOrStdout()), Width: columns(cmd.OutOrStdout())})
	if err != nil {
		return err
	}
	if r.Verdict != result.Pass {
		return exit{r.Verdict.ExitStatus()}
	}
	return nil
}

// load finds a scenario: a path if it looks like one, else a name.
func load(name string) (*scenario.Scenario, error) {
	if strings.ContainsRune(name, filepath.Separator) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		return loadFile(name)
	}
	if err := known(name); err != nil {
		return nil, fmt.Errorf("%w; for one of your own give the path of its file", err)
	}
	return mistakesIn(scenario.Load(scenarios.Source(name)))
}

// known refuses what is not the name of a scenario that comes along.
func known(name string) error {
	if slices.Contains(scenarios.Names(), name) {
		return nil
	}
	hint := "known are " + strings.Join(scenarios.Names(), ", ")
	if near := strict.Nearest(name, scenarios.Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("no scenario %q (%s)", name, hint)
}

// loadFile reads a scenario from the disk. It may refer to files in other folders; errors show paths as seen from here.
func loadFile(name string) (*scenario.Scenario, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	root := filepath.VolumeName(full) + string(filepath.Separator)
	return mistakesIn(scenario.Load(scenario.Source{
		Files: os.DirFS(root), Name: filepath.ToSlash(strings.TrimPrefix(full, root)), Library: scenarios.Files,
		Display: func(p string) string {
			if rel, err := filepath.Rel(here, root+filepath.FromSlash(p)); err == nil && !strings.HasPrefix(rel, "..") {
				return rel
			}
			return root + filepath.FromSlash(p)
		},
	}))
}

// repeat is the command that plays the same run again.
func repeat(name string, seed uint64, flags runFlags) string {
	cmd := fmt.Sprintf("gslbsim run %s --seed %d", name, seed)
	if flags.sabotage != "" {
		cmd += " --break " + flags.sabotage
	}
	return cmd
}

// isTerminal reports whether colours are welcome.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}

// widest is how wide a summary is where nobody says how much room there is, such as in the log of a pipeline.
const widest = 160

// columns returns the width of the terminal.
func columns(w any) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return widest
}
