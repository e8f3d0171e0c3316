package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/live"
)

// asProgram is the environment variable that makes the test binary the program itself.
const asProgram = "GSLBSIM_TEST_AS_PROGRAM"

// program is gslbsim as a process of its own.
type program struct {
	*exec.Cmd
	lines []string // of standard output, until it was ready
	errs  bytes.Buffer
}

var aviURL = regexp.MustCompile(`https://(\S+)`)

// startAvi starts `gslbsim avi` and waits until it is ready.
func startAvi(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], append([]string{"avi"}, args...)...)}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stderr = &p.errs
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	in := bufio.NewScanner(out)
	for in.Scan() {
		p.lines = append(p.lines, in.Text())
		if strings.HasPrefix(in.Text(), "ready") {
			return p
		}
	}
	t.Fatalf("gslbsim avi did not get ready: %s", p.errs.String())
	return nil
}

// host returns where the n-th controller listens.
func (p *program) host(n int) string { return aviURL.FindStringSubmatch(p.lines[n])[1] }

func login(t *testing.T, host string) *clients.AviClient {
	t.Helper()
	c, err := clients.NewAviClient(host, live.DefaultUsername, session.SetPassword(live.DefaultPassword), session.SetInsecure,
		session.SetTenant("admin"), session.DisableControllerStatusCheckOnFailure(true))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAviServesAConfigurationAndSavesItsState(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	file, saved := filepath.Join(dir, "sites.yaml"), filepath.Join(dir, "state.json")
	g.Expect(os.WriteFile(file, []byte(`
controllers:
- {name: frankfurt, listen: "127.0.0.1:0"}
- {name: paris, listen: "127.0.0.1:0"}
- {name: rome, listen: "127.0.0.1:0", passive: true}
gslb: {domains: [gslb.test], sendInterval: 5s}
health:
  otherwise: up
  targets: {192.0.2.9: down}
admin: 127.0.0.1:0
`), 0o600)).To(Succeed())
	p := startAvi(t, "--config", file, "--save", saved)
	g.Expect(p.lines[0]).To(MatchRegexp(`^controller  frankfurt  https://127.0.0.1:\d+  leader +API version \d`))
	g.Expect(p.lines[1]).To(MatchRegexp(`^controller  paris +https://127.0.0.1:\d+  member  `), "it has learned that by then")
	g.Expect(p.lines[2]).To(MatchRegexp(`^controller  rome +https://127.0.0.1:\d+  passive site  `))
	g.Expect(strings.Join(p.lines, "\n")).To(ContainSubstring("admin       http://127.0.0.1:"))
	name := "web"
	_, err := login(t, p.host(0)).Pool.Create(&models.Pool{Name: &name})
	g.Expect(err).NotTo(HaveOccurred())
	var gslb struct{ Results []*models.Gslb }
	g.Expect(login(t, p.host(0)).AviSession.Get("api/gslb", &gslb)).To(Succeed())
	g.Expect(gslb.Results[0].Sites).To(HaveLen(3))
	g.Expect(*gslb.Results[0].SendInterval).To(BeEquivalentTo(5))
	g.Expect(p.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(p.Wait()).To(Succeed(), p.errs.String())

	again := startAvi(t, "--config", file, "--load", saved)
	_, err = login(t, again.host(0)).Pool.GetByName("web")
	g.Expect(err).NotTo(HaveOccurred())
}

func TestAviSnapshot(t *testing.T) {
	g := NewWithT(t)
	p := startAvi(t, "--listen", "127.0.0.1:0")
	status, stdout, stderr := gslbsim(t, "avi", "snapshot", "https://"+p.host(0), "--password", live.DefaultPassword)
	g.Expect(status).To(Equal(0), stderr)
	g.Expect(stdout).To(HavePrefix(`{"controllers":[{"name":"avi","complete":false,`))
	status, _, stderr = gslbsim(t, "avi", "snapshot", "https://"+p.host(0), "--password", "wrong")
	g.Expect(status).To(Equal(2))
	g.Expect(stderr).To(ContainSubstring("Invalid credentials"))
}

func TestAviMistakesAreToldAtOnce(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("controllers:\n- name: a\n  lissten: 127.0.0.1:0\n  dns: [{name: x}]\nhealth: {otherwise: ill}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.yaml")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"bad.yaml:3: controllers[0].lissten":                                    {"--config", bad},
		"bad.yaml:5: health.otherwise: \"ill\" is none of":                      {"--config", bad},
		"a DNS virtual service needs name and vip":                              {"--config", bad},
		"absent.yaml: no such file":                                             {"--config", filepath.Join(dir, "absent.yaml")},
		"empty.yaml: the file is empty":                                         {"--config", empty},
		"--save: " + dir + " is a folder":                                       {"--save", dir},
		"--save: " + dir + "/no/x cannot be written: no such file or directory": {"--save", filepath.Join(dir, "no", "x")},
		"for a file of that name say --config sites.yaml":                       {"sites.yaml"},
		"is not an address with a port":                                         {"--listen", "9443"},
		"not a loopback address":                                                {"--admin", "192.0.2.1:80"},
		"--listen is for a controller without --config":                         {"--config", bad, "--listen", "127.0.0.1:0"},
		"is not the saved state":                                                {"--load", bad},
		"no password":                                                           {"snapshot", "https://127.0.0.1:1"},
		"is not a URL":                                                          {"snapshot", "ftp://x", "--password", "p"},
		"give the URL of one controller":                                        {"snapshot"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Setenv(passwordVariable, "")
			var out, errs bytes.Buffer
			status := execute(context.Background(), append([]string{"avi"}, args...), &out, &errs)
			if status != exitUnusable || !strings.Contains(errs.String(), want) || out.String() != "" {
				t.Errorf("status %d, %s%s", status, out.String(), errs.String())
			}
		})
	}
}
