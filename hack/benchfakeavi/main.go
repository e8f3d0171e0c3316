// Command benchfakeavi measures a live controller against its targets: see `make bench-fakeavi`. It prints a table of medians and
// returns 1 if a target is missed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often each quick measurement is made")
	services := flag.Int("services", 10_000, "GSLB services of the large federation")
	flag.Parse()
	quietSDK()
	rows, err := measure(context.Background(), *rounds, *services)
	if err != nil {
		fmt.Println("benchfakeavi:", err)
		os.Exit(1)
	}
	if tell(os.Stdout, rows) > 0 {
		os.Exit(1)
	}
}

// quietSDK sends what the SDK's logger says about every request nowhere.
func quietSDK() {
	_ = flag.Set("logtostderr", "true")
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
}

// row is a measurement.
type row struct {
	what   string
	values []float64
	most   float64 // the target; 0: none
	unit   string
}

func (r row) median() float64 {
	sorted := slices.Sorted(slices.Values(r.values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// tell prints the measurements and returns how many targets were missed.
func tell(w io.Writer, rows []row) (missed int) {
	fmt.Fprintf(w, "%d CPUs, %s %s/%s%s\n\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, load())
	fmt.Fprintf(w, "%-58s %10s %11s %7s   %s\n", "", "median", "best", "target", "all")
	for _, r := range rows {
		verdict, target := "", "-"
		if r.most > 0 {
			target = fmt.Sprintf("< %g", r.most)
			if r.median() >= r.most {
				verdict = "  MISSED"
				missed++
			}
		}
		var all []string
		for _, v := range r.values {
			all = append(all, fmt.Sprintf("%.2g", v))
		}
		fmt.Fprintf(w, "%-58s %6.3g %-3s %7.3g %-3s %7s   %s%s\n",
			r.what, r.median(), r.unit, slices.Min(r.values), r.unit, target, strings.Join(all, " "), verdict)
	}
	return missed
}

// load is how many processes want a CPU at the end, where the system tells: more than there are CPUs, and wall time says little.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return ", load " + strings.Fields(string(text))[0]
}

// measure makes all measurements.
func measure(ctx context.Context, rounds, services int) ([]row, error) {
	rows, err := creations(rounds)
	if err != nil {
		return nil, err
	}
	large, err := newFederation(services)
	if err != nil {
		return nil, err
	}
	defer large.close()
	for _, step := range []func(context.Context, int) ([]row, error){large.coldSync, large.lists} {
		more, err := step(ctx, rounds)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// seconds is the time since an instant.
func seconds(since time.Time) float64 { return time.Since(since).Seconds() }
