package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/dnsfile"
	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

type dnsFlags struct {
	config  string
	listen  []string
	metrics string
	seed    uint64
	cookies bool
	secret  string
	log     queryLogFlags
	server  server.Config
}

// dnsListen is where `gslbsim dns` listens unless told otherwise: a port that needs no privileges.
const dnsListen = "127.0.0.1:5353"

func newDNS() *cobra.Command {
	var flags dnsFlags
	cmd := &cobra.Command{
		Use:   "dns --config FILE",
		Short: "Serve DNS as a site's DNS virtual service does",
		Long: `Serves the GSLB services, static records and profile of a file over UDP and TCP, with the
same code that answers in a scenario. Prints where it listens; stops at Ctrl-C.

SIGHUP reads the file anew. A file with mistakes changes nothing: the mistakes are printed
and the table that was served is served on.

The file's format is described in docs/dns.md; the shortest one:

  kind: DNS
  profile: {domains: [gslb.example]}
  services:
  - domains: [app.gslb.example]
    pools: [{members: [{ip: 192.0.2.1, ratio: 3}, {ip: 192.0.2.2}]}]`,
		Example: `  gslbsim dns --config table.yaml
  gslbsim dns --config table.yaml --query-log queries.csv --query-log-throttle 0
  gslbsim dns --config table.yaml --listen 127.0.0.1:5300 --metrics 127.0.0.1:9153
  dig @127.0.0.1 -p 5353 app.gslb.example`,
		Args: noArguments("config"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serveDNS(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.config, "config", "", "file that says what to serve (required)")
	f.StringArrayVar(&flags.listen, "listen", []string{dnsListen}, "address:port for UDP and TCP; may be given several times")
	f.StringVar(&flags.metrics, "metrics", "", "address:port for Prometheus metrics under /metrics (default: none)")
	f.Uint64Var(&flags.seed, "seed", 1, "where round robin starts")
	f.IntVar(&flags.server.Workers, "workers", 0, "UDP sockets per address (default: one per CPU)")
	f.StringVar(&flags.log.path, "query-log", "", "file for the query log, *.csv or lines of JSON (default: none)")
	f.IntVar(&flags.log.throttle, "query-log-throttle", 10, "log entries a second, of significant ones and of others each; 0 for no limit")
	f.DurationVar(&flags.log.fullFor, "query-log-full-for", 30*time.Minute, "how long entries that are not significant are logged; 0 for ever")
	f.IntVar(&flags.log.size, "query-log-size", 100, "MB after which the query log becomes FILE.1 and a new one is begun")
	f.BoolVar(&flags.cookies, "cookies", true, "give and check DNS cookies (RFC 7873)")
	f.StringVar(&flags.secret, "cookie-secret", "", "32 hexadecimal digits; servers behind one address must share it (default: drawn at start)")
	f.IntVar(&flags.server.RateLimit.PerSecond, "rate-limit", 0, "replies per second over UDP to one client network, /24 or /56 (default: no limit)")
	f.IntVar(&flags.server.RateLimit.Slip, "rate-limit-slip", 2, "above the limit, answer every n-th query with TC set; 0 for none")
	f.IntVar(&flags.server.TCPConnections, "tcp-connections", 1000, "TCP connections open at a time")
	f.IntVar(&flags.server.TCPConnectionsPerClient, "tcp-connections-per-client", 50, "TCP connections of one client address")
	f.DurationVar(&flags.server.TCPIdle, "tcp-idle", 10*time.Second, "how long a TCP connection may be idle")
	return cmd
}

// serveDNS serves until ctx ends.
func serveDNS(ctx context.Context, flags dnsFlags, stdout, stderr io.Writer) error {
	config, err := flags.serverConfig()
	if err != nil {
		return err
	}
	// From here on, as a large file takes its time, and a hangup would end the process.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	table, err := mistakesIn(dnsfile.Load(flags.config))
	if err != nil {
		return err
	}
	responder := dns.NewResponder(flags.seed)
	responder.Publish(table)
	if config.QueryLog, err = flags.log.open(stderr); err != nil {
		return err
	}
	if config.QueryLog != nil {
		defer config.QueryLog.Close()
	}
	srv, err := server.Start(responder, config)
	if err != nil {
		return listening(asFlag(err), "--listen")
	}
	if flags.metrics != "" {
		page, err := serveMetrics(flags.metrics, srv)
		if err != nil {
			_ = srv.Shutdown(ctx)
			return err
		}
		defer func() { _ = page.Close() }()
		fmt.Fprintf(stdout, "metrics at http://%s/metrics\n", page.Addr)
	}
	for _, addr := range srv.Addresses() {
		fmt.Fprintf(stdout, "serving %s on %v (UDP and TCP)\n", contents(table), addr)
	}
	for {
		select {
		case <-ctx.Done():
			return stopDNS(srv)
		case <-hangups:
			reloadDNS(flags.config, responder, stdout, stderr)
		}
	}
}

// settingFlags are the flags of a server's settings.
var settingFlags = map[string]string{
	"Workers": "--workers", "RateLimit.PerSecond": "--rate-limit", "RateLimit.Slip": "--rate-limit-slip",
	"TCPConnections": "--tcp-connections", "TCPConnectionsPerClient": "--tcp-connections-per-client", "TCPIdle": "--tcp-idle",
}

// asFlag says of a setting that is out of range which flag it is.
func asFlag(err error) error {
	var wrong *server.ConfigError
	if errors.As(err, &wrong) && settingFlags[wrong.Field] != "" {
		return fmt.Errorf("%s %v: use %s", settingFlags[wrong.Field], wrong.Value, wrong.Use)
	}
	return err
}

func (f *dnsFlags) serverConfig() (server.Config, error) {
	config := f.server
	if f.config == "" {
		return config, errors.New("--config is missing: give the file that says what to serve")
	}
	for _, text := range f.listen {
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			return config, fmt.Errorf("--listen %s: use address:port, such as %s", text, dnsListen)
		}
		config.Addresses = append(config.Addresses, addr)
	}
	if !f.cookies {
		return config, nil
	}
	config.Cookies = new(server.CookieSecret)
	if f.secret == "" {
		_, _ = rand.Read(config.Cookies[:])
		return config, nil
	}
	secret, err := hex.DecodeString(f.secret)
	if err != nil || copy(config.Cookies[:], secret) != len(secret) || len(secret) != len(config.Cookies) {
		return config, errors.New("--cookie-secret: use 32 hexadecimal digits, such as those of `openssl rand -hex 16`")
	}
	return config, nil
}

// reloadDNS publishes the file's table, or says why it cannot be used.
func reloadDNS(path string, responder *dns.Responder, stdout, stderr io.Writer) {
	table, err := dnsfile.Load(path)
	if err != nil {
		fmt.Fprintf(stderr, "gslbsim dns: reload refused, the old table is served on:\n%v\n", err)
		return
	}
	responder.Publish(table)
	fmt.Fprintf(stdout, "reloaded %s: serving %s\n", path, contents(table))
}

func contents(t *dns.Table) string {
	if n := t.Len(); n != 1 {
		return fmt.Sprintf("%d GSLB services", n)
	}
	return "1 GSLB service"
}

// shutdownTime is how long connections may take to end.
const shutdownTime = 3 * time.Second

func stopDNS(srv *server.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// serveMetrics offers the server's counters, and those of the process, to Prometheus.
func serveMetrics(addr string, srv *server.Server) (*http.Server, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(server.Metrics{Server: srv}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--metrics %s: %w", addr, listening(err, "--metrics"))
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	page := &http.Server{Addr: listener.Addr().String(), Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() { _ = page.Serve(listener) }()
	return page, nil
}
