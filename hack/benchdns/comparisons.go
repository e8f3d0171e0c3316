package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// comparisons make the contestants of each comparison, and name those that are not installed.
var comparisons = map[string]func(o options, folder string) (contestants []*contestant, missing []string, err error){
	"servers":    compareServers,
	"algorithms": compareAlgorithms,
	"names":      compareNames,
	"members":    compareMembers,
}

func compareServers(o options, folder string) (contestants []*contestant, missing []string, err error) {
	own, err := gslbsim(o, folder, variant{name: "gslbsim weighted"})
	if err != nil {
		return nil, nil, err
	}
	contestants = append(contestants, own)
	for _, p := range products {
		if c := p.contestant(folder, own.queries); c != nil {
			contestants = append(contestants, c)
		} else {
			missing = append(missing, p.name)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	minimal := &contestant{name: "minimal miekg/dns", queries: own.queries, command: func(port int) *exec.Cmd {
		return exec.Command(self, "-handler", fmt.Sprintf("127.0.0.1:%d", port))
	}}
	return append(contestants, minimal), missing, nil
}

func compareAlgorithms(o options, folder string) ([]*contestant, []string, error) {
	var variants []variant
	for _, algorithm := range []string{"round-robin", "consistent-hash", "geo", "topology", "preference-order"} {
		variants = append(variants, variant{name: algorithm, algorithm: algorithm})
	}
	return gslbsims(o, folder, variants)
}

func compareNames(o options, folder string) ([]*contestant, []string, error) {
	var variants []variant
	for _, n := range []int{10, 1000, 10_000, 100_000} {
		variants = append(variants, variant{name: fmt.Sprintf("%d names", n), names: n})
	}
	return gslbsims(o, folder, variants)
}

func compareMembers(o options, folder string) ([]*contestant, []string, error) {
	var variants []variant
	for _, n := range []int{1, 3, 10, 20} {
		variants = append(variants, variant{name: fmt.Sprintf("%d members", n), members: n})
	}
	return gslbsims(o, folder, variants)
}

// variant is one table for gslbsim; zero values are the standard: 1,000 names with three weighted members, round robin.
type variant struct {
	name           string
	algorithm      string
	names, members int
}

func gslbsims(o options, folder string, variants []variant) (contestants []*contestant, missing []string, err error) {
	for _, v := range variants {
		c, err := gslbsim(o, folder, v)
		if err != nil {
			return nil, nil, err
		}
		contestants = append(contestants, c)
	}
	return contestants, nil, nil
}

// gslbsim is this project's server with a table.
func gslbsim(o options, folder string, v variant) (*contestant, error) {
	if v.names == 0 {
		v.names = standardNames
	}
	if v.members == 0 {
		v.members = len(weights)
	}
	if v.algorithm == "" {
		v.algorithm = "round-robin"
	}
	queries, err := queryFile(folder, v.names)
	if err != nil {
		return nil, err
	}
	table := filepath.Join(folder, strings.ReplaceAll(v.name, " ", "-")+".yaml")
	if err := os.WriteFile(table, []byte(v.table()), 0o600); err != nil {
		return nil, err
	}
	// Clients on the loopback network have a place, so that geo can decide.
	places := "V.01\n127.0.0.0,127.255.255.255,51.5,-0.1,GB,-\n"
	if err := os.WriteFile(filepath.Join(folder, "places.csv"), []byte(places), 0o600); err != nil {
		return nil, err
	}
	return &contestant{name: v.name, queries: queries, command: func(port int) *exec.Cmd {
		return exec.Command(o.binary, "dns", "--config", table, "--listen", fmt.Sprintf("127.0.0.1:%d", port))
	}}, nil
}

// table is a configuration of `gslbsim dns`.
func (v variant) table() string {
	var text strings.Builder
	fmt.Fprintf(&text, "kind: DNS\nprofile: {domains: [%s]}\ngeo: {csv: places.csv}\n", zone)
	text.WriteString("topology:\n- {clients: [127.0.0.0/8], site: site1}\nservices:\n")
	for i := range v.names {
		fmt.Fprintf(&text, "- domains: [%s]\n  pools:\n  - algorithm: %s\n    members:\n", nameOf(i), v.algorithm)
		for member := range v.members {
			fmt.Fprintf(&text, "    - {ip: %s, ratio: %d, preference-order: %d, site: site%d, location: {latitude: %d, longitude: %d}}\n",
				address(i, member), weights[member%len(weights)], member+1, member, 10+member, 3*member)
		}
	}
	return text.String()
}
