package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

func newList() *cobra.Command {
	var namesOnly bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with gslbsim",
		Args:  noArguments(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range scenarios.Names() {
				line := name
				if !namesOnly {
					s, err := scenario.Load(scenarios.Source(name))
					if err != nil {
						return err
					}
					line = fmt.Sprintf("  %-16s %s", name, s.About)
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&namesOnly, "names", false, "print names only, one a line")
	return cmd
}
