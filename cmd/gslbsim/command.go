package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// Exit statuses. Those of a finished run are in package result: 0 pass, 1 a broken promise, 3 inconclusive.
const (
	exitOK       = 0
	exitUnusable = 2
)

// exit is an error that carries the process's exit status. Its text, if any, has been printed.
type exit struct{ status int }

func (e exit) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// execute runs the command line and returns the exit status.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return executeRoot(ctx, newRoot(), args, stdout, stderr)
}

func executeRoot(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var e exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.status
	}
	tell(stderr, cmd, err)
	return exitUnusable
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gslbsim",
		Short: "Rehearse global server load balancing before it matters",
		Long: `gslbsim plays a complete multi-region GSLB stack in one process: Avi controllers and
their service engines, Kubernetes clusters, the operator that connects them, the DNS
that delegates to them, and clients behind caching resolvers. A scenario says what
happens and what must hold; a run takes seconds for minutes of virtual time, gives the
same bytes for the same seed, and ends in a verdict with evidence.

Rehearse:
  gslbsim run failover      run a scenario, leave a report in out/failover
  gslbsim list              the scenarios that come along
  gslbsim copy failover     a scenario to edit; run it with gslbsim run failover/failover.yaml
  gslbsim why NAME ...      explain an answer of a run, at an instant
Before a change:
  gslbsim lint values.yaml  name mistakes in manifests and in values of the chart
  gslbsim plan -f gslb/ ... what the operator would change on a controller
To work against:
  gslbsim avi               an Avi controller
  gslbsim dns --config f    DNS as a site's DNS virtual service serves it
For real:
  gslbsim operator          the AMKO-compatible operator`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagMistake)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newRun(), newList(), newCopy(), newOperator(), newDNS())
	root.AddCommand(newWhy(), newLog(), newLoadtest())
	root.AddCommand(newLint(), newPlan())
	root.AddCommand(newAvi())
	return root
}

// knownCommand refuses what is no command, and says which one was most likely meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	hint := "gslbsim --help lists the commands"
	if args[0] == "version" {
		hint = "gslbsim --version tells it"
	}
	if near := strict.Nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("there is no command %q (%s)", args[0], hint)
}

// version is the module's version where the binary was built from a released module, else "devel".
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
