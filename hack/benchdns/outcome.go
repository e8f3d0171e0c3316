package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// median of a contestant's rounds, by one value of each.
func (c *contestant) median(value func(measurement) float64) float64 {
	var values []float64
	for _, m := range c.results {
		values = append(values, value(m))
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// printOutcome prints medians and their ratio to gdnsd, or else to the first contestant.
func printOutcome(o options, contestants []*contestant, missing []string) {
	base := contestants[0]
	for _, c := range contestants {
		if strings.HasPrefix(c.name, "gdnsd") {
			base = c
		}
	}
	fmt.Printf("answers per CPU-second of the server, median of %d rounds of %v; %s, %s, huge pages: %s\n\n",
		o.rounds, o.length, cpuModel(), runtime.Version(), hugePages())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tanswers/CPU-s\tus/answer\tlowest\thighest\tlost\tx %s\t\n", base.name)
	for _, c := range contestants {
		rates := make([]float64, 0, len(c.results))
		lost := 0
		for _, m := range c.results {
			rates = append(rates, m.rate())
			lost += m.lost
		}
		rate := c.median(measurement.rate)
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.0f\t%.0f\t%d\t%.2f\t\n", c.name, rate, 1e6/rate, slices.Min(rates), slices.Max(rates), lost,
			rate/base.median(measurement.rate))
	}
	_ = w.Flush()
	if len(missing) > 0 {
		fmt.Printf("\nnot installed: %s\n", strings.Join(missing, ", "))
	}
}

// hugePages is whether the system gives large pages to programs that do not ask for them ("always"), on which the cost of
// large tables depends.
func hugePages() string {
	text, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil {
		return "unknown"
	}
	_, chosen, _ := strings.Cut(string(text), "[")
	chosen, _, _ = strings.Cut(chosen, "]")
	return chosen
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(text), "\n") {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return runtime.GOARCH
}
