package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns/querylog"
)

// The command logs what it answers to a CSV file with the product's columns, and goes on in the same file when started again.
func TestDNSQueryLog(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	g.Expect(os.WriteFile("table.yaml", []byte(oneService), 0o600)).To(Succeed())
	for range 2 {
		ctx, stop := context.WithCancel(context.Background())
		var stdout, stderr transcript
		status := make(chan int)
		go func() {
			status <- execute(ctx, []string{"dns", "--config", "table.yaml", "--listen", "127.0.0.1:0", "--query-log", "queries.csv"}, &stdout, &stderr)
		}()
		g.Eventually(stdout.String).WithTimeout(patience).Should(ContainSubstring("serving 1 GSLB service on 127.0.0.1:"), stderr.String())
		address := regexp.MustCompile(`on (127\S+)`).FindStringSubmatch(stdout.String())[1]
		_, err := mdns.Exchange(new(mdns.Msg).SetQuestion("app.gslb.example.", mdns.TypeA), address)
		g.Expect(err).NotTo(HaveOccurred())
		stop()
		g.Eventually(status, patience).Should(Receive(BeZero()))
	}
	text, err := os.ReadFile("queries.csv")
	g.Expect(err).NotTo(HaveOccurred())
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows).To(HaveLen(3), "one header, then a line of each run")
	g.Expect(rows[0]).To(ContainElements("dns_fqdn", "dns_ips"))
	g.Expect(rows[2]).To(ContainElements("app.gslb.example", "192.0.2.1"))
}

func TestQueryLogFileRotates(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	f := &queryLogFile{path: "q.csv", limit: 2000}
	g.Expect(f.open()).To(Succeed())
	for i := range 40 {
		e := querylog.Entry{ID: uint64(i), FQDN: fmt.Sprintf("name%d.example", i), ClientAddr: netip.MustParseAddr("192.0.2.1")}
		g.Expect(f.Write(&e)).To(Succeed())
		g.Expect(f.Flush()).To(Succeed())
	}
	for name, last := range map[string]bool{"q.csv": true, "q.csv.1": false} {
		text, err := os.ReadFile(name)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(len(text)).To(BeNumerically("<", 3000), name)
		g.Expect(string(text)).To(HavePrefix("adf,"), name)
		g.Expect(strings.Contains(string(text), "name39.example")).To(Equal(last), name)
	}
	files, err := os.ReadDir(".")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(files).To(HaveLen(2))

	// After an error the next entry opens the file anew.
	g.Expect(f.file.Close()).To(Succeed())
	e := querylog.Entry{FQDN: "again.example"}
	g.Expect(f.Write(&e)).To(Succeed()) // gathered
	g.Expect(f.Flush()).NotTo(Succeed())
	g.Expect(f.Write(&e)).To(Succeed())
	g.Expect(f.Flush()).To(Succeed())
	text, _ := os.ReadFile("q.csv")
	g.Expect(string(text)).To(ContainSubstring("again.example"))
}
