package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/fakeavi/live"
)

type aviFlags struct {
	config, load, save, data, listen, admin string
}

// aviListen is where a controller serves that no file describes.
const aviListen = "127.0.0.1:9443"

func newAvi() *cobra.Command {
	var flags aviFlags
	cmd := &cobra.Command{
		Use:   "avi",
		Short: "Serve Avi controllers on loopback, for clients and operators to work against",
		Long: `Serves the REST API of one or more Avi controllers over TLS and prints how to log in.
Without a configuration it is one controller that leads a GSLB for ` + live.DefaultDomain + `; with
two or more they replicate as the product's do. Health checks are made with sockets, or
answered as the configuration says. It ends with Ctrl-C.

docs/avi.md shows the configuration file and the admin endpoint, which makes requests
fail, targets die and controllers lose power.`,
		Example: `  gslbsim avi                                      # one controller at ` + aviListen + `
  gslbsim avi --config sites.yaml --admin 127.0.0.1:9444
  gslbsim avi --data ./avi-data                    # keeps every acknowledged write, also through kill -9
  gslbsim avi --load before.json --save after.json # starts with a state, leaves one at the end
  gslbsim avi snapshot https://127.0.0.1:9443 --user admin --password-file pw > state.json`,
		Args: noArguments("config"),
		RunE: func(cmd *cobra.Command, _ []string) error { return serveAvi(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.config, "config", "", "file that describes controllers, GSLB and health (default: one controller)")
	f.StringVar(&flags.listen, "listen", "", "address of the controller when there is no --config (default "+aviListen+")")
	f.StringVar(&flags.admin, "admin", "", "loopback address of the admin endpoint (default: none, or the configuration's)")
	f.StringVar(&flags.data, "data", "", "folder that keeps every acknowledged write")
	f.StringVar(&flags.load, "load", "", "state to start with, from --save or avi snapshot")
	f.StringVar(&flags.save, "save", "", "file for the state at the end")
	cmd.AddCommand(newAviSnapshot())
	return cmd
}

func serveAvi(cmd *cobra.Command, flags aviFlags) error {
	cfg, err := aviConfig(flags)
	if err != nil {
		return err
	}
	stderr := cmd.ErrOrStderr()
	cfg.Warn = func(line string) { fmt.Fprintln(stderr, "gslbsim avi:", line) }
	p, err := live.Start(cfg)
	if err != nil {
		return err
	}
	tellAvi(cmd.OutOrStdout(), p, cfg)
	select {
	case <-cmd.Context().Done():
		err = nil
	case err = <-p.Broken():
	}
	if flags.save != "" {
		err = errors.Join(err, saveState(p, flags.save))
	}
	return errors.Join(err, p.Close())
}

// aviConfig puts flags and files together.
func aviConfig(flags aviFlags) (live.Config, error) {
	var cfg live.Config
	switch {
	case flags.config != "" && flags.listen != "":
		return cfg, errors.New("--listen is for a controller without --config: the file says where its controllers listen")
	case flags.config != "":
		var err error
		if cfg, err = mistakesIn(readAviConfig(flags.config)); err != nil {
			return cfg, err
		}
	default:
		at, err := address("--listen", flags.listen, aviListen)
		if err != nil {
			return cfg, err
		}
		cfg = live.Default(at)
	}
	if flags.admin != "" {
		at, err := address("--admin", flags.admin, "")
		if err != nil {
			return cfg, err
		}
		cfg.Admin = at
	}
	cfg.Data = flags.data
	if flags.save != "" {
		if err := writable(flags.save); err != nil {
			return cfg, fmt.Errorf("--save: %w", err)
		}
	}
	if flags.load == "" {
		return cfg, nil
	}
	var err error
	cfg.Load, err = loadState(flags.load)
	return cfg, err
}

// address reads the value of a flag.
func address(flag, text, fallback string) (netip.AddrPort, error) {
	if text == "" {
		text = fallback
	}
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		return at, fmt.Errorf("%s: %q is not an address with a port, such as 127.0.0.1:9443", flag, text)
	}
	return at, nil
}

func loadState(name string) (*live.State, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--load: %s cannot be read: %w", name, reason(err))
	}
	defer f.Close()
	s, err := live.ReadState(f)
	if err != nil {
		return nil, fmt.Errorf("--load: %s: %w", name, err)
	}
	return s, nil
}

// writable tells before the work begins that a file could not be written after it.
func writable(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder: give the name of a file", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, reason(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// saveState writes the state beside the file first, so that a file is whole or as it was.
func saveState(p *live.Program, name string) error {
	state, err := p.State()
	if err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	if err = errors.Join(state.Write(f), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("--save: %w", err)
	}
	return nil
}

// roleOf says what a controller is in the GSLB of the first one. A passive site has no configuration of it, so it does not know itself.
func roleOf(p *live.Program, s *live.Site) string {
	for _, v := range p.Sites()[0].Federation().Sites {
		if v.Cluster == s.ClusterUUID() && !v.Active {
			return "passive site"
		}
	}
	return strings.ToLower(strings.TrimPrefix(string(s.Federation().Role), "GSLB_"))
}

// tellAvi says how to log in.
func tellAvi(w io.Writer, p *live.Program, cfg live.Config) {
	user, password := cfg.Username, cfg.Password
	if user == "" {
		user = live.DefaultUsername
	}
	if password == "" {
		password = live.DefaultPassword
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range p.Sites() {
		fmt.Fprintf(table, "controller\t%s\t%s\t%s\tAPI version %s\n", s.Name, s.URL(), roleOf(p, s), s.Version())
	}
	for _, s := range p.Sites() {
		for _, at := range s.DNS {
			fmt.Fprintf(table, "dns       \t%s\t%s\tUDP and TCP\n", s.Name, at)
		}
	}
	_ = table.Flush() // as with all lines here, a reader that is gone is no reason to end
	fmt.Fprintf(w, "log in      user %s, password %s\n", user, password)
	if at := p.Admin(); at.IsValid() {
		fmt.Fprintf(w, "admin       http://%s\n", at)
	}
	fmt.Fprintln(w, "ready       Ctrl-C ends it")
}
