package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

const (
	zone = "gslb.example"
	// names that every server holds, unless their number is what is compared.
	standardNames = 1000
)

// weights of the three members of each name.
var weights = []int{6, 4, 2}

func labelOf(i int) string { return fmt.Sprintf("app%d", i) }

func nameOf(i int) string { return labelOf(i) + "." + zone }

// address is that of a member of a name.
func address(name, member int) string {
	return fmt.Sprintf("10.%d.%d.%d", member, name/250%250, name%250+1)
}

// queryFile writes the names in an order of no pattern, as dnsperf reads them, often enough that the file is not short.
func queryFile(folder string, names int) (string, error) {
	rng := rand.New(rand.NewPCG(1, uint64(names)))
	var text bytes.Buffer
	for range max(1, 20_000/names) {
		for _, i := range rng.Perm(names) {
			fmt.Fprintf(&text, "%s A\n", nameOf(i))
		}
	}
	path := filepath.Join(folder, fmt.Sprintf("queries-%d", names))
	return path, os.WriteFile(path, text.Bytes(), 0o600)
}

// zoneFile is a zone that holds all names; records returns the lines of one.
func zoneFile(records func(name int) string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "$ORIGIN %s.\n$TTL 30\n@ SOA ns hostmaster 1 10800 3600 86400 30\n@ NS ns\nns A 127.0.0.1\n", zone)
	for i := range standardNames {
		text.WriteString(records(i))
	}
	return text.String()
}

// plainRecords are a name's members for a server that knows no weights.
func plainRecords(name int) string {
	var text strings.Builder
	for member := range weights {
		fmt.Fprintf(&text, "%s A %s\n", labelOf(name), address(name, member))
	}
	return text.String()
}
