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
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range scenarios.Names() {
				if namesOnly {
					fmt.Fprintln(cmd.OutOrStdout(), name)
					continue
				}
				s, err := scenario.Load(scenarios.Source(name))
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "  %-16s %s\n", name, s.About)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&namesOnly, "names", false, "print names only, one a line")
	return cmd
}
