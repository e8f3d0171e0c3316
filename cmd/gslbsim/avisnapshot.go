package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/fakeavi/live"
)

type snapshotFlags struct {
	user, password, passwordFile, version string
	verbose                               bool
}

// passwordVariable is the environment variable that a password may be in.
const passwordVariable = "AVI_PASSWORD"

func newAviSnapshot() *cobra.Command {
	var flags snapshotFlags
	cmd := &cobra.Command{
		Use:   "snapshot URL",
		Short: "Read a controller, also a real one, into a file that --load takes",
		Long: `Reads everything that a controller shows through its REST API and prints it in the form
that gslbsim avi --load takes. It only reads. Passwords and keys are not shown by the API,
and are therefore not in the file.

The password is taken from --password-file, from the variable ` + passwordVariable + `, or from --password.`,
		Example: `  gslbsim avi snapshot https://127.0.0.1:9443 --password gslbsim > state.json
  gslbsim avi snapshot https://controller.example.com --user reader --password-file pw > state.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("give the URL of one controller, such as https://127.0.0.1:9443")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return snapshotAvi(cmd, args[0], flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.user, "user", live.DefaultUsername, "account to log in with")
	f.StringVar(&flags.password, "password", "", "its password (others on this machine may see it: prefer a file)")
	f.StringVar(&flags.passwordFile, "password-file", "", "file with its password")
	f.StringVar(&flags.version, "api-version", "", "X-Avi-Version to send (default: the SDK's)")
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "print how many objects of each type there are")
	return cmd
}

func snapshotAvi(cmd *cobra.Command, where string, flags snapshotFlags) error {
	host, err := hostOf(where)
	if err != nil {
		return err
	}
	password, err := flags.secret()
	if err != nil {
		return err
	}
	remote := live.Remote{Host: host, Username: flags.user, Password: password, Version: flags.version}
	if flags.verbose {
		remote.Progress = func(typ string, n int, left error) {
			if left != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "%-40s left out: %v\n", typ, left)
				return
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%-40s %d\n", typ, n)
		}
	}
	state, err := live.Fetch(remote)
	if err != nil {
		return err
	}
	return state.Write(cmd.OutOrStdout())
}

// hostOf returns the part of a URL that the SDK wants: it takes a scheme only if that is http.
func hostOf(where string) (string, error) {
	if !strings.Contains(where, "://") {
		where = "https://" + where
	}
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fmt.Errorf("%q is not a URL such as https://127.0.0.1:9443", where)
	}
	if u.Scheme == "http" {
		return "http://" + u.Host, nil
	}
	return u.Host, nil
}

// secret returns the password.
func (f snapshotFlags) secret() (string, error) {
	switch {
	case f.password != "" && f.passwordFile != "":
		return "", errors.New("--password and --password-file: give one of them")
	case f.passwordFile != "":
		text, err := os.ReadFile(f.passwordFile)
		if err != nil {
			return "", fmt.Errorf("--password-file: %s cannot be read: %w", f.passwordFile, reason(err))
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	case f.password != "":
		return f.password, nil
	case os.Getenv(passwordVariable) != "":
		return os.Getenv(passwordVariable), nil
	}
	return "", fmt.Errorf("no password: give --password-file, --password, or set %s", passwordVariable)
}
