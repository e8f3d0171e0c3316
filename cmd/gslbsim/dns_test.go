package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"
)

// patience is for what happens within milliseconds on an idle machine.
const patience = 20 * time.Second

// transcript is a buffer that a command writes while a test reads it.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

const oneService = `kind: DNS
profile: {domains: [gslb.example]}
services:
- domains: [app.gslb.example]
  pools: [{members: [{ip: 192.0.2.1}]}]
`

// The command serves, reloads at SIGHUP, keeps what it has when the file is wrong, and stops with status 0.
func TestDNSServesAndReloads(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	write := func(text string) { g.Expect(os.WriteFile("table.yaml", []byte(text), 0o600)).To(Succeed()) }
	write(oneService)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var stdout, stderr transcript
	status := make(chan int)
	go func() {
		status <- execute(ctx, []string{"dns", "--config", "table.yaml", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"}, &stdout, &stderr)
	}()
	g.Eventually(stdout.String).WithTimeout(patience).Should(ContainSubstring("serving 1 GSLB service on 127.0.0.1:"), stderr.String())
	address := regexp.MustCompile(`on (127\S+)`).FindStringSubmatch(stdout.String())[1]
	answer := func() string {
		reply, err := mdns.Exchange(new(mdns.Msg).SetQuestion("app.gslb.example.", mdns.TypeA), address)
		if err != nil || len(reply.Answer) != 1 {
			return "no answer"
		}
		return reply.Answer[0].(*mdns.A).A.String()
	}
	g.Expect(answer()).To(Equal("192.0.2.1"))

	write(strings.Replace(oneService, "192.0.2.1", "192.0.2.2", 1))
	g.Expect(syscall.Kill(os.Getpid(), syscall.SIGHUP)).To(Succeed())
	g.Eventually(stdout.String).WithTimeout(patience).Should(ContainSubstring("reloaded table.yaml: serving 1 GSLB service\n"))
	g.Expect(answer()).To(Equal("192.0.2.2"))

	write(strings.Replace(oneService, "ip:", "ipp:", 1))
	g.Expect(syscall.Kill(os.Getpid(), syscall.SIGHUP)).To(Succeed())
	g.Eventually(stderr.String).WithTimeout(patience).Should(Equal("gslbsim dns: reload refused, the old table is served on:\n" +
		"table.yaml:5: services[0].pools[0].members[0].ipp: no such field (did you mean \"ip\"?)\n"))
	g.Expect(answer()).To(Equal("192.0.2.2"))

	page := regexp.MustCompile(`http://\S+`).FindString(stdout.String())
	g.Expect(get(t, page)).To(ContainSubstring(`gslbsim_dns_replies_total{rcode="NOERROR",transport="udp"} 3`))
	stop()
	g.Eventually(status, patience).Should(Receive(BeZero()))
}

func get(t *testing.T, url string) string {
	t.Helper()
	reply, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDNSUnusableInput(t *testing.T) {
	occupant, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = occupant.Close() }()
	taken := occupant.Addr().String()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no file":                    {[]string{"dns"}, "gslbsim dns: --config is missing"},
		"file not there":             {[]string{"dns", "--config", "none.yaml"}, "none.yaml: no such file or directory\n"},
		"folder":                     {[]string{"dns", "--config", "."}, ".: is a directory\n"},
		"mistakes in file":           {[]string{"dns", "--config", "wrong.yaml"}, "wrong.yaml:4: services[0].domain: no such field (did you mean \"domains\"?)\nwrong.yaml:5: "},
		"file as argument":           {[]string{"dns", "table.yaml"}, `gslbsim dns: there is no argument "table.yaml": for a file of that name say --config table.yaml`},
		"port in use":                {[]string{"dns", "--config", "table.yaml", "--listen", taken}, "gslbsim dns: dns server: listen on " + taken + ": listen tcp4 " + taken + ": bind: address already in use: choose another port with --listen"},
		"idle":                       {[]string{"dns", "--config", "table.yaml", "--tcp-idle", "5"}, "gslbsim dns: --tcp-idle 5: use a duration with its unit, such as 90s or 10m20s; see gslbsim dns --help"},
		"no address":                 {[]string{"dns", "--config", "x", "--listen", "5353"}, "gslbsim dns: --listen 5353: use address:port, such as 127.0.0.1:5353"},
		"secret":                     {[]string{"dns", "--config", "x", "--cookie-secret", "12"}, "gslbsim dns: --cookie-secret: use 32 hexadecimal digits"},
		"long secret":                {[]string{"dns", "--config", "x", "--cookie-secret", strings.Repeat("0", 34)}, "gslbsim dns: --cookie-secret: use 32 hexadecimal digits"},
		"negative workers":           {[]string{"dns", "--config", "table.yaml", "--workers", "-1"}, "gslbsim dns: --workers -1: use 1-256"},
		"a rate below zero":          {[]string{"dns", "--config", "table.yaml", "--rate-limit", "-1"}, "gslbsim dns: --rate-limit -1: use 1-65535, or 0 for no limit"},
		"a rate too high":            {[]string{"dns", "--config", "table.yaml", "--rate-limit", "65536"}, "gslbsim dns: --rate-limit 65536: use 1-65535, or 0 for no limit"},
		"no slip of that kind":       {[]string{"dns", "--config", "table.yaml", "--rate-limit-slip", "-1"}, "gslbsim dns: --rate-limit-slip -1: use 1 or more, or 0 for none"},
		"idle for less than no time": {[]string{"dns", "--config", "table.yaml", "--tcp-idle", "-1s"}, "gslbsim dns: --tcp-idle -1s: use a duration above zero"},
		"log folder":                 {[]string{"dns", "--config", "table.yaml", "--query-log", "no/q.csv"}, "gslbsim dns: --query-log open no/q.csv: no such file or directory"},
		"log throttle":               {[]string{"dns", "--config", "table.yaml", "--query-log", "q.csv", "--query-log-throttle", "-1"}, "gslbsim dns: --query-log-throttle and"},
		"metrics":                    {[]string{"dns", "--config", "table.yaml", "--listen", "127.0.0.1:0", "--metrics", "x"}, "gslbsim dns: --metrics x: "},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			t.Chdir(t.TempDir())
			g.Expect(os.WriteFile("table.yaml", []byte(oneService), 0o600)).To(Succeed())
			g.Expect(os.WriteFile("wrong.yaml", []byte(strings.NewReplacer("domains: [app", "domain: [app", "members", "member").Replace(oneService)), 0o600)).To(Succeed())
			var stdout, stderr transcript
			g.Expect(execute(context.Background(), tc.args, &stdout, &stderr)).To(Equal(2))
			g.Expect(stderr.String()).To(HavePrefix(tc.want))
			g.Expect(stdout.String()).To(BeEmpty())
		})
	}
}
