package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// inFile is an error whose lines begin with a file's name.
type inFile struct{ error }

func (e inFile) Unwrap() error { return e.error }

// mistakesIn marks the error of a file's reader, if there is one.
func mistakesIn[T any](read T, err error) (T, error) {
	if err != nil {
		err = inFile{err}
	}
	return read, err
}

// tell prints why a command did not do its work: mistakes in files as they are, file and line first, as editors understand
// them, everything else behind the command's name.
func tell(w io.Writer, cmd *cobra.Command, err error) {
	text := err.Error()
	var told inFile
	if !errors.As(err, &told) {
		text = cmd.CommandPath() + ": " + text
	}
	fmt.Fprintln(w, text)
}

// values says what the value of a flag may be, by the flag's type.
var values = map[string]string{
	"uint64":   "a whole number from 0 to 18446744073709551615",
	"int":      "a whole number",
	"float64":  "a number",
	"duration": "a duration with its unit, such as 90s or 10m20s",
	"bool":     "true or false",
}

// flagMistake says what is wrong with a flag, and what was most likely meant.
func flagMistake(cmd *cobra.Command, err error) error {
	problem := err.Error()
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := strict.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			problem += fmt.Sprintf(" (did you mean --%s?)", near)
		}
	case errors.As(err, &invalid) && values[invalid.GetFlag().Value.Type()] != "":
		problem = fmt.Sprintf("--%s %s: use %s", invalid.GetFlag().Name, invalid.GetValue(), values[invalid.GetFlag().Value.Type()])
	}
	return fmt.Errorf("%s; see %s --help", problem, cmd.CommandPath())
}

// noArguments refuses arguments of a command that takes none. Where a flag names what it takes, the argument was most likely
// meant for that.
func noArguments(flag string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return nil
		case flag != "":
			return fmt.Errorf("there is no argument %q: for a file of that name say --%s %s", args[0], flag, args[0])
		}
		return fmt.Errorf("there is no argument %q; see %s --help", args[0], cmd.CommandPath())
	}
}

// listening adds to an error of a socket what to do about it; flag says where to listen.
func listening(err error, flag string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: choose another port with %s", err, flag)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: ports below 1024 need privileges; choose another one with %s", err, flag)
	}
	return err
}
