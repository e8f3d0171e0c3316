package envtest_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// process is `gslbsim operator`, running.
type process struct {
	tb      testing.TB
	cmd     *exec.Cmd
	health  string
	metrics string
	log     *journal
	ended   chan struct{}
}

// journal is what the process prints. It is safe for concurrent use.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// operate starts the operator as the user with the operator's permissions, and has it ended with the test.
func (s *stage) operate(args ...string) *process {
	s.tb.Helper()
	return s.operateAs(s.userOf(s.own), args...)
}

func (s *stage) operateAs(kubeconfig []byte, args ...string) *process {
	s.tb.Helper()
	path, err := program()
	if err != nil {
		s.tb.Fatal(err)
	}
	file := filepath.Join(s.tb.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, kubeconfig, 0o600); err != nil {
		s.tb.Fatal(err)
	}
	p := &process{tb: s.tb, health: freeAddress(s.tb), metrics: freeAddress(s.tb), log: &journal{}, ended: make(chan struct{})}
	all := append([]string{"operator", "--kubeconfig", file, "--health-address", p.health, "--metrics-address", p.metrics}, args...)
	p.cmd = exec.Command(path, all...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	s.tb.Cleanup(func() {
		p.stop()
		if s.tb.Failed() {
			s.tb.Logf("the operator printed:\n%s", p.log)
		}
	})
	return p
}

// stopTimeout is how long a process may take to end when it is asked to.
const stopTimeout = 20 * time.Second

// stop asks the process to end and waits for it.
func (p *process) stop() {
	p.tb.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.ended
		p.tb.Errorf("the operator did not end within %s", stopTimeout)
	}
}

// get asks one of the process's own addresses.
func (p *process) get(address, path string) (status int, body string) {
	reply, err := http.Get("http://" + address + path) //nolint:noctx // loopback
	if err != nil {
		return 0, err.Error()
	}
	defer reply.Body.Close()
	raw, err := io.ReadAll(reply.Body)
	if err != nil {
		return 0, err.Error()
	}
	return reply.StatusCode, string(raw)
}

// ready says whether the process says that it is.
func (p *process) ready() bool {
	status, _ := p.get(p.health, "/readyz")
	return status == http.StatusOK
}

// settled says whether the operator has nothing left to do.
func (p *process) settled() bool {
	_, body := p.get(p.metrics, "/metrics")
	return strings.Contains(body, "\ngslb_operator_settled 1\n")
}

// peakMiB is the most memory that the process has used; 0 where the system is not Linux.
func (p *process) peakMiB() float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}

// cpu is the processor time that an ended process has used.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// portsTaken is how many ports freeAddress has tried in this process.
var portsTaken atomic.Int32

// freeAddress is a loopback address that nobody listens at and that no other call returns. Its port lies below those that a
// system gives out, which may go to anybody before the program listens.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	const first, count = 20000, 10000
	for range count {
		address := fmt.Sprintf("127.0.0.1:%d", first+(os.Getpid()+int(portsTaken.Add(1)))%count)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			tb.Fatal(err)
		}
		return address
	}
	tb.Fatal("no free port")
	return ""
}
