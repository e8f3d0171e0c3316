// Command gslbsim rehearses global server load balancing: see `gslbsim --help`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stderr := quietLibraries()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := execute(ctx, os.Args[1:], os.Stdout, stderr)
	stop()
	os.Exit(status)
}

// quietLibraries silences what the SDK's logger prints about every request, and returns the real standard error. That
// logger writes either to files in the temporary folder or to os.Stderr, and knows no third way.
func quietLibraries() *os.File {
	stderr := os.Stderr
	// Both the SDK and package testing would otherwise read their flags from the command line.
	_ = flag.CommandLine.Parse(nil)
	if err := flag.Set("logtostderr", "true"); err != nil {
		fmt.Fprintln(stderr, "gslbsim: the SDK's logger cannot be silenced:", err)
		return stderr
	}
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	return stderr
}
