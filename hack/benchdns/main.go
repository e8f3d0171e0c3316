// Command benchdns compares what answers cost: it starts this project's DNS server and whichever others are installed,
// gives them the same names, drives them in turn with dnsperf on another CPU, and prints answers per CPU-second of each
// server. Wall rates would show the load generator instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	binary  string // of gslbsim
	compare string
	rounds  int
	length  time.Duration // of one measurement
	clients int           // sockets of dnsperf
	window  int           // queries in flight
	handler string        // address: be the minimal miekg/dns handler
}

func main() {
	var o options
	flag.StringVar(&o.binary, "gslbsim", "bin/gslbsim", "the binary to measure")
	flag.StringVar(&o.compare, "compare", "servers", "what to compare: "+strings.Join(comparisonNames(), ", "))
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; in each, every contestant is measured once")
	flag.DurationVar(&o.length, "length", 3*time.Second, "of one measurement")
	flag.IntVar(&o.clients, "clients", 8, "client sockets")
	flag.IntVar(&o.window, "window", 256, "queries in flight")
	flag.StringVar(&o.handler, "handler", "", "serve as the minimal miekg/dns handler on this address (used by the benchmark itself)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.handler != "" {
		err = serveMinimal(ctx, o.handler)
	} else {
		err = benchmark(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchdns:", err)
		stop()
		os.Exit(1)
	}
}

// benchmark measures all contestants and prints the outcome.
func benchmark(ctx context.Context, o options) error {
	if err := checkMachine(); err != nil {
		return err
	}
	makeContestants, ok := comparisons[o.compare]
	if !ok {
		return fmt.Errorf("-compare %s is not known: use %s", o.compare, strings.Join(comparisonNames(), ", "))
	}
	folder, err := os.MkdirTemp("", "benchdns")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	contestants, missing, err := makeContestants(o, folder)
	if err != nil {
		return err
	}
	defer func() {
		for _, c := range contestants {
			c.stop()
		}
	}()
	for i, c := range contestants {
		if err := c.start(ctx, firstPort+i); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for range o.rounds {
		for _, c := range contestants {
			if err := c.measure(ctx, o); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	printOutcome(o, contestants, missing)
	return nil
}

// firstPort is the port of the first contestant; the others follow.
const firstPort = 15300

// The server under test and the load generator each have a CPU of their own.
const (
	serverCPU = "0"
	clientCPU = "1"
)

func checkMachine() error {
	switch {
	case runtime.GOOS != "linux":
		return errors.New("needs Linux: CPU time is read from /proc")
	case runtime.NumCPU() < 2:
		return errors.New("needs two CPUs, one for the server and one for the load")
	}
	for program, pkg := range map[string]string{"dnsperf": "dnsperf", "taskset": "util-linux"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("needs %s: install the package %s", program, pkg)
		}
	}
	return nil
}

func comparisonNames() []string {
	var names []string
	for name := range comparisons {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
