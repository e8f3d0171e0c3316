package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
)

func TestLogShowsShares(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "log", "failover", "--from", "11m", "--to", "12m", "--name", "Application01.gslb.aclab.uk.")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(stderr).To(BeEmpty())
	g.Expect(stdout).To(MatchRegexp(`^application01\.gslb\.aclab\.uk: \d+ queries\nANSWER          COUNT  SHARE\n10\.166\.111\.138  \d+ +100\.00%\n$`),
		"while region01 is dark")
	g.Expect(left(t)).To(BeEmpty())

	status, stdout, _ = gslbsim(t, "log", "failover", "--name", "other.aclab.uk")
	g.Expect(status).To(BeZero())
	g.Expect(stdout).To(Equal("no query was logged\n"))
}

func TestLogExports(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "log", "failover", "--csv", "--to", "30s", "--site", "region02")
	g.Expect(status).To(BeZero(), stderr)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(rows)).To(BeNumerically(">", 25))
	column := func(row []string, name string) string {
		for i, c := range rows[0] {
			if c == name {
				return row[i]
			}
		}
		t.Fatalf("no column %s", name)
		return ""
	}
	for _, row := range rows[1:] {
		g.Expect(column(row, "dns_fqdn")).To(Equal("application01.gslb.aclab.uk"))
		g.Expect(column(row, "dns_ips")).To(Equal("10.166.111.10"))
		g.Expect(column(row, "vs_ip")).To(Equal("10.166.111.129"))
		g.Expect(column(row, "virtualservice")).To(HavePrefix("virtualservice-"))
		g.Expect(column(row, "start_timestamp")).To(HavePrefix("2000-01-01T00:01:"))
	}

	status, stdout, stderr = gslbsim(t, "log", "failover", "--json", "--to", "30s", "--site", "region02")
	g.Expect(status).To(BeZero(), stderr)
	var reply struct {
		Count   int              `json:"count"`
		Results []map[string]any `json:"results"`
	}
	g.Expect(json.Unmarshal([]byte(stdout), &reply)).To(Succeed())
	g.Expect(reply.Results).To(HaveLen(len(rows) - 1))
	g.Expect(reply.Count).To(Equal(len(rows) - 1))
}

// What was exported can be read again: the shares are those of the scenario's run.
func TestLogReadsAnExport(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	_, exported, _ := gslbsim(t, "log", "failover", "--csv", "--to", "30s")
	_, shares, _ := gslbsim(t, "log", "failover", "--to", "30s")
	file := filepath.Join(folder, "q.csv")
	g.Expect(os.WriteFile(file, []byte(exported), 0o600)).To(Succeed())
	status, stdout, stderr := gslbsim(t, "log", file)
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(stdout).To(And(Equal(shares), ContainSubstring("10.166.111.10  ")))
	status, stdout, _ = gslbsim(t, "log", file, "--name", "other.example.")
	g.Expect(status).To(BeZero())
	g.Expect(stdout).To(Equal("no query was logged\n"))

	for text, want := range map[string]string{
		"":                            "gslbsim log: " + file + ":1: the file is empty",
		"dns_fqdn\nx\n":               "gslbsim log: " + file + ":1: there are no columns dns_fqdn and dns_ips",
		"dns_fqdn,dns_ips\na,b\nc\n":  "gslbsim log: " + file + ":3: wrong number of fields",
		"dns_fqdn,dns_ips\na,\"b\n\n": "gslbsim log: " + file + ":",
	} {
		g.Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		status, stdout, stderr := gslbsim(t, "log", file)
		g.Expect(status).To(Equal(2), text)
		g.Expect(stdout).To(BeEmpty(), text)
		g.Expect(stderr).To(HavePrefix(want), text)
	}
}

// The product's throttles hide traffic; the command says so, and can do without.
func TestLogIsThrottledLikeTheProducts(t *testing.T) {
	g := NewWithT(t)
	mine := t.TempDir()
	g.Expect(os.CopyFS(mine, scenarios.Files)).To(Succeed())
	busy := filepath.Join(mine, "failover.yaml")
	src, err := os.ReadFile(busy)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(src)).To(ContainSubstring("watch: 1s"))
	g.Expect(os.WriteFile(busy, []byte(strings.Replace(string(src), "watch: 1s", "watch: 50ms", 1)), 0o600)).To(Succeed())
	_, throttled, note := gslbsim(t, "log", busy, "--to", "1m")
	g.Expect(note).To(MatchRegexp(`^gslbsim log: \d+ queries were not logged because of throttles; --unthrottled keeps all\n$`))
	_, everything, note := gslbsim(t, "log", busy, "--to", "1m", "--unthrottled")
	g.Expect(note).To(BeEmpty())
	g.Expect(throttled).To(MatchRegexp(`: 1[0-2]\d\d queries\n`), "10 a second at each of two sites")
	g.Expect(everything).To(MatchRegexp(`: 2[4-9]\d\d queries\n`))
}

func TestLogWithUnusableInput(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no scenario":      {[]string{"log"}, "gslbsim log: give the name of one scenario"},
		"no such scenario": {[]string{"log", "failovr"}, `gslbsim log: no scenario "failovr" (did you mean "failover"?)`},
		"no such site":     {[]string{"log", "failover", "--site", "london"}, `gslbsim log: no site "london" has a DNS virtual service (those are region01, region02)`},
		"no such sabotage": {[]string{"log", "failover", "--break", "x"}, "gslbsim log: --break: no such sabotage"},
		"no such export":   {[]string{"log", "none.csv"}, "gslbsim log: none.csv: no such file or directory"},
		"flag of a run":    {[]string{"log", "none.csv", "--to", "1m"}, "gslbsim log: --to is for scenarios; of a file only --name can be picked"},
		"both exports":     {[]string{"log", "failover", "--csv", "--json"}, "gslbsim log: --csv and --json: give one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := gslbsim(t, tc.args...)
			g.Expect(status).To(Equal(2))
			g.Expect(stdout).To(BeEmpty())
			g.Expect(stderr).To(HavePrefix(tc.want))
		})
	}
}
