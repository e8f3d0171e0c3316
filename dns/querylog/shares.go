package querylog

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	mdns "github.com/miekg/dns"
)

// Share is how often one answer was given.
type Share struct {
	// Answer is the answered addresses, else the answered CNAME or other
	// data, else the reply code, "empty" or "dropped".
	Answer string
	Count  int
	// Share is Count divided by all entries counted, 0-1.
	Share float64
}

// Shares counts the answers given for a name (any letter case, with or
// without final dot; empty for all names), the most frequent first.
func Shares(entries []Entry, fqdn string) []Share {
	fqdn = trimDot(fqdn)
	counts := make(map[string]int)
	for i := range entries {
		if fqdn == "" || strings.EqualFold(entries[i].FQDN, fqdn) {
			counts[entries[i].answer()]++
		}
	}
	return sharesOf(counts)
}

func sharesOf(counts map[string]int) []Share {
	total := 0
	for _, count := range counts {
		total += count
	}
	shares := make([]Share, 0, len(counts))
	for answer, count := range counts {
		shares = append(shares, Share{answer, count, float64(count) / float64(total)})
	}
	slices.SortFunc(shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Answer, b.Answer))
	})
	return shares
}

func (e *Entry) answer() string {
	switch {
	case len(e.IPs) > 0:
		return ipsText(e.IPs, " ")
	case len(e.Response.Records) > 0:
		return e.Response.Records[0].Data
	case !e.Response.Sent:
		return "dropped"
	case e.Response.Rcode == mdns.RcodeSuccess:
		return "empty"
	default:
		return mdns.RcodeToString[e.Response.Rcode]
	}
}

// WriteShares writes a table of shares. It fails if w does.
func WriteShares(w io.Writer, shares []Share) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ANSWER\tCOUNT\tSHARE")
	for _, s := range shares {
		fmt.Fprintf(table, "%s\t%d\t%.2f%%\n", s.Answer, s.Count, 100*s.Share)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("shares: %w", err)
	}
	return nil
}
