package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/scenarios"
)

func newCopy() *cobra.Command {
	return &cobra.Command{
		Use:   "copy NAME [FOLDER]",
		Short: "Copy a scenario that comes with gslbsim, to make one of your own of it",
		Long: `Copies a scenario with its topology and its manifests into a folder, by default one of the
scenario's name. Nothing is overwritten.`,
		Example: `  gslbsim copy failover
  gslbsim copy failover mine
  gslbsim run mine/failover.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return errors.New("give the name of one scenario, and the folder to copy it to; gslbsim list has the names")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := args[0]
			if len(args) == 2 {
				folder = args[1]
			}
			return copyScenario(cmd.OutOrStdout(), args[0], folder)
		},
	}
}

func copyScenario(w io.Writer, name, folder string) error {
	if err := known(name); err != nil {
		return err
	}
	parts, err := scenarios.Parts(name)
	if err != nil {
		return err
	}
	// All are looked at before the first is written: a copy is whole, or not there.
	for _, part := range parts {
		to := filepath.Join(folder, filepath.FromSlash(part))
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already, or its folder is none: give another folder", to)
		}
	}
	for _, part := range parts {
		to := filepath.Join(folder, filepath.FromSlash(part))
		text, err := scenarios.Files.ReadFile(part)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, text, 0o644))
		}
		if err != nil {
			return fmt.Errorf("%s cannot be written: %w", to, reason(err))
		}
	}
	_, err = fmt.Fprintf(w, "%d files copied to %s\nrun it: gslbsim run %s\n", len(parts), folder, filepath.Join(folder, name+".yaml"))
	return err
}
