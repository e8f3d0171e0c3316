package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/operator/lint"
)

// exitFindings is the status of `gslbsim lint` when there are mistakes.
const exitFindings = 1

type lintFlags struct {
	files      []string
	output     string
	strict     bool
	subdomains []string
	disable    []string
	rules      bool
}

func newLint() *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:   "lint [-f] FILE|FOLDER|- ...",
		Short: "Name mistakes in manifests, in values of AMKO's chart and in kubeconfigs",
		Long: `Looks for mistakes in GSLB configuration before it is applied: manifests of AMKO's and
AKO's kinds, Ingresses and Services, values of AMKO's Helm chart, and the kubeconfig of
the member clusters. Each is named with file, line, column, field and remedy. Folders
are searched for .yaml, .yml and .json; what they hold of other things is passed over.
Give files together that belong together: a policy's clusters are compared with the
member clusters, those with the kubeconfig, and so on. A folder stands for a cluster.

Exit status: 0 no mistakes, 1 mistakes (with --strict warnings too), 2 unusable.`,
		Example: `  gslbsim lint values.yaml
  gslbsim lint -f clusters/region01 -f clusters/region02 --subdomain gslb.example.com
  helm template amko ... | gslbsim lint -
  gslbsim lint --output sarif . > lint.sarif      # for a code host
  gslbsim lint --rules                            # what is looked for`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLint(cmd, append(flags.files, args...), flags)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&flags.files, "file", "f", nil, "file or folder to look at, - for standard input; may be repeated")
	f.StringVarP(&flags.output, "output", "o", "text", "text, json or sarif")
	f.BoolVar(&flags.strict, "strict", false, "exit with 1 for warnings too")
	f.StringSliceVar(&flags.subdomains, "subdomain", nil, "GSLB subdomain that global names must be in; may be repeated")
	f.StringSliceVar(&flags.disable, "disable", nil, "rules to leave out")
	f.BoolVar(&flags.rules, "rules", false, "list the rules")
	return cmd
}

func runLint(cmd *cobra.Command, names []string, flags lintFlags) error {
	out := cmd.OutOrStdout()
	if flags.rules {
		return listRules(out)
	}
	write, ok := map[string]func(lint.Report, io.Writer) error{
		"text": lint.Report.WriteText, "json": lint.Report.WriteJSON, "sarif": lint.Report.WriteSARIF,
	}[flags.output]
	if !ok {
		return fmt.Errorf("--output: %q is not known (use text, json or sarif)", flags.output)
	}
	if len(names) == 0 {
		return errors.New("give files or folders to look at, or - for standard input")
	}
	sources, err := readSources(names, cmd.InOrStdin())
	if err != nil {
		return err
	}
	report, err := lint.Check(sources, lint.Options{Subdomains: flags.subdomains, Disable: flags.disable})
	if err != nil {
		return fmt.Errorf("--disable: %w", err)
	}
	if report.Documents == 0 && len(report.Findings) == 0 {
		return fmt.Errorf("nothing about GSLB found in %d files", report.Files)
	}
	if err := write(report, out); err != nil {
		return err
	}
	if report.Count(lint.Error) > 0 || flags.strict && report.Count(lint.Warning) > 0 {
		return exit{exitFindings}
	}
	return nil
}

func listRules(w io.Writer) error {
	for _, r := range lint.Rules() {
		if _, err := fmt.Fprintf(w, "%-26s %-8s %s\n", r.ID, r.Severity, r.Doc); err != nil {
			return err
		}
	}
	return nil
}
