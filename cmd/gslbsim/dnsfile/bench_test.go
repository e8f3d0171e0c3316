package dnsfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/dnsfile"
)

// BenchmarkLoad reads a file of 10,000 services with three members each.
func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "table.yaml")
	if err := os.WriteFile(path, []byte(manyServices(10_000)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dnsfile.Load(path); err != nil {
			b.Fatal(err)
		}
	}
}

func manyServices(n int) string {
	var text strings.Builder
	text.WriteString("kind: DNS\nprofile: {domains: [gslb.example]}\nservices:\n")
	for i := range n {
		fmt.Fprintf(&text, "- domains: [app%d.gslb.example]\n  pools:\n  - algorithm: round-robin\n    members:\n", i)
		for m := range 3 {
			fmt.Fprintf(&text, "    - {ip: 10.%d.%d.%d, ratio: %d, site: site%d, location: {latitude: %d, longitude: %d}}\n", m, i/250%250, i%250, m+1, m, 10+m, 3*m)
		}
	}
	return text.String()
}
