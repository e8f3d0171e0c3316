package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/dnsfile"
	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/sim"
)

type whyFlags struct {
	config string

	scenario, site string
	at             time.Duration
	seed           uint64
	sabotage       string

	client, subnet, qtype string
	json                  bool
}

func newWhy() *cobra.Command {
	var flags whyFlags
	cmd := &cobra.Command{
		Use:   "why NAME",
		Short: "Explain the answer that a client gets for a name",
		Long: `Explains what a DNS virtual service would answer: the GSLB service, its pools and the state
of each member, the algorithm and its turn, and the records. Asking takes no turn and
changes nothing.

--scenario plays a scenario up to --at, counted on the clock of its time line, and asks
the DNS virtual services of all sites, or that of one --site. Aliases of the parent zone
are followed. The client is who asks the DNS virtual service: a resolver, as a rule.

--config asks the table of a file for gslbsim dns, before the first turn of any round robin.`,
		Example: `  gslbsim why app.gslb.example --config table.yaml --client 192.0.2.1
  gslbsim why application01.aclab.uk --scenario failover --at 3m
  gslbsim why application01.gslb.aclab.uk --scenario failover --at 10m20s --site region02 --client 10.20.0.1
  gslbsim why application01.gslb.aclab.uk --scenario failover --type AAAA --subnet 192.0.2.0/24 --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("give one name, such as application01.gslb.aclab.uk")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return why(cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.config, "config", "", "file of gslbsim dns")
	f.StringVar(&flags.scenario, "scenario", "", "scenario, by name or by the path of its file")
	f.DurationVar(&flags.at, "at", 0, "instant on the scenario's clock, such as 3m or 10m20s")
	f.StringVar(&flags.site, "site", "", "site whose DNS virtual service is asked (default: all)")
	f.Uint64Var(&flags.seed, "seed", 0, "seed of everything random (default: the scenario's own, or 1)")
	f.StringVar(&flags.sabotage, "break", "", "break the stack on purpose, as in gslbsim run")
	f.StringVar(&flags.client, "client", "", "address that asks (default: the scenario's first resolver, or 127.0.0.1)")
	f.StringVar(&flags.subnet, "subnet", "", "network of an EDNS client subnet option, such as 192.0.2.0/24")
	f.StringVar(&flags.qtype, "type", "A", "type of records asked for")
	f.BoolVar(&flags.json, "json", false, "print JSON")
	return cmd
}

// asked is what the flags that describe a query say.
type asked struct {
	qtype  uint16
	client netip.Addr
	subnet netip.Prefix
}

func (f *whyFlags) asked() (a asked, err error) {
	a.qtype = mdns.StringToType[strings.ToUpper(f.qtype)]
	if a.qtype == mdns.TypeNone {
		return a, fmt.Errorf("--type %s: no such type of DNS records; use one such as A, AAAA, CNAME or SRV", f.qtype)
	}
	if f.client != "" {
		if a.client, err = netip.ParseAddr(f.client); err != nil {
			return a, fmt.Errorf("--client %s: use an IP address, such as 10.20.0.1", f.client)
		}
	}
	if f.subnet != "" {
		if a.subnet, err = netip.ParsePrefix(f.subnet); err != nil {
			return a, fmt.Errorf("--subnet %s: use a network, such as 192.0.2.0/24", f.subnet)
		}
	}
	return a, nil
}

func why(stdout, stderr io.Writer, name string, flags whyFlags) error {
	a, err := flags.asked()
	if err != nil {
		return err
	}
	switch {
	case flags.config != "" && (flags.scenario != "" || flags.site != "" || flags.at != 0 || flags.sabotage != ""):
		return errors.New("--config asks a file: --scenario, --site, --at and --break do not go with it")
	case flags.config != "":
		return whyInTable(stdout, name, a, flags)
	case flags.scenario == "":
		return errors.New("say what to ask: --scenario NAME or --config FILE")
	}
	return whyInScenario(stdout, stderr, name, a, flags)
}

// whyInTable asks the table of a file as if nobody had asked it before.
func whyInTable(stdout io.Writer, name string, a asked, flags whyFlags) error {
	if _, ok := mdns.IsDomainName(name); !ok || name == "" {
		return fmt.Errorf("%q is not a domain name", name)
	}
	table, err := mistakesIn(dnsfile.Load(flags.config))
	if err != nil {
		return err
	}
	responder := dns.NewResponder(cmp.Or(flags.seed, 1))
	responder.Publish(table)
	query := new(mdns.Msg).SetQuestion(mdns.Fqdn(name), a.qtype)
	if a.subnet.IsValid() {
		query.Extra = append(query.Extra, dns.SubnetOption(a.subnet))
	}
	client := a.client
	if !client.IsValid() {
		client = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	reply, d := responder.Preview(query, dns.Client{Addr: client})
	e := d.Explanation(reply)
	if flags.json {
		return printJSON(stdout, e)
	}
	_, err = io.WriteString(stdout, e.String())
	return err
}

func whyInScenario(stdout, stderr io.Writer, name string, a asked, flags whyFlags) error {
	s, err := load(flags.scenario)
	if err != nil {
		return err
	}
	if flags.seed != 0 {
		s.Seed = flags.seed
	}
	q := sim.Inquiry{At: flags.at, Name: name, Type: a.qtype, Client: a.client, Subnet: a.subnet, Site: flags.site}
	opts := sim.Options{Sabotage: flags.sabotage}
	if err := opts.Check(); err != nil {
		return fmt.Errorf("--break: %w", err)
	}
	all, reasons, err := sim.Why(s, q, opts)
	if err != nil {
		return err
	}
	for _, r := range reasons {
		fmt.Fprintln(stderr, "gslbsim why: the scenario went wrong on the way:", r)
	}
	if flags.json {
		return printJSON(stdout, all)
	}
	texts := make([]string, len(all))
	for i, w := range all {
		texts[i] = w.String()
	}
	_, err = io.WriteString(stdout, strings.Join(texts, "\n"))
	return err
}

func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
