package envtest_test

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// table prints what all runs have measured, beside AMKO.
func table(w io.Writer) {
	if len(runs) == 0 {
		return
	}
	if memory {
		fmt.Fprintln(w, "\nkube-apiserver and etcd are not there (make envtest-assets): clusters in memory instead")
	}
	fmt.Fprintf(w, "\n%-22s %12s %13s %11s %12s %15s %7s %7s\n", "FQDNs x clusters", "all created", "calls (r+w)",
		"new Ingress", "restart", "calls (r+w)", "CPU", "memory")
	for _, clusters := range []int{2, 3} {
		for _, fqdns := range []int{1000, 5000} {
			m, n := median(fqdns, clusters)
			if n == 0 {
				continue
			}
			fmt.Fprintf(w, "%-22s %11.2fs %6d+%-6d %10.2fs %11.2fs %8d+%-6d %6.1fs %4.0f MiB\n", fmt.Sprintf("%d x %d, median of %d", fqdns, clusters, n),
				m.cold.Seconds(), m.reads, m.writes, m.fresh.Seconds(), m.again.Seconds(), m.readsAgain, m.writesAgain, m.cpu.Seconds(), m.mib)
		}
	}
	fmt.Fprintf(w, "%-22s %12s %13s %11s %12s %15s %7s %7s\n", "AMKO 2.2.1: 1000 x 2", "186s", "3992", "173s", "16s", "4671", "7.5s", "80 MiB")
	fmt.Fprintf(w, "%-22s %12s %13s %11s %12s %15s %7s %7s\n", "wanted: 1000", "3s", "w: 1/object", "1s", "", "<30+0", "", "")
	fmt.Fprintf(w, "%-22s %12s %13s %11s %12s %15s %7s %7s\n", "wanted: 5000", "", "", "1s", "", "+0", "", "150 MiB")
}

// median returns the medians of all runs of a size, and how many there were.
func median(fqdns, clusters int) (m run, n int) {
	of := slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return r.fqdns != fqdns || r.clusters != clusters })
	if len(of) == 0 {
		return run{}, 0
	}
	m = of[0]
	m.cold, m.cpu, m.fresh, m.again = middle(of, func(r run) time.Duration { return r.cold }), middle(of, func(r run) time.Duration { return r.cpu }),
		middle(of, func(r run) time.Duration { return r.fresh }), middle(of, func(r run) time.Duration { return r.again })
	m.reads, m.writes = middle(of, func(r run) int { return r.reads }), middle(of, func(r run) int { return r.writes })
	m.readsAgain, m.writesAgain = middle(of, func(r run) int { return r.readsAgain }), middle(of, func(r run) int { return r.writesAgain })
	m.mib = middle(of, func(r run) float64 { return r.mib })
	return m, len(of)
}

func middle[T int | float64 | time.Duration](of []run, value func(run) T) T {
	values := make([]T, 0, len(of))
	for _, r := range of {
		values = append(values, value(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
