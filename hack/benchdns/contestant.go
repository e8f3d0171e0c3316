package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// contestant is one server under test.
type contestant struct {
	name    string
	queries string                   // path of its query file
	command func(port int) *exec.Cmd // runs the server in the foreground
	setUp   func(port int) error     // writes its configuration; may be nil
	running *exec.Cmd
	port    int
	log     *os.File
	results []measurement
}

// measurement is one round of one contestant.
type measurement struct {
	answers, lost int
	cpu           time.Duration
}

// rate is answers per second of CPU time.
func (m measurement) rate() float64 { return float64(m.answers) / m.cpu.Seconds() }

// startAttempts is how often a server is asked whether it is there, ten times a second at most: reading 100,000 names takes
// a while.
const startAttempts = 1200

// start runs the server on the servers' CPU and waits until it answers.
func (c *contestant) start(ctx context.Context, port int) error {
	c.port = port
	if c.setUp != nil {
		if err := c.setUp(port); err != nil {
			return err
		}
	}
	inner := c.command(port)
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", serverCPU}, inner.Args...)...)
	cmd.Env = inner.Env
	var err error
	if c.log, err = os.CreateTemp("", "benchdns-log"); err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = c.log, c.log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.running = cmd
	question := new(mdns.Msg).SetQuestion(mdns.Fqdn(nameOf(0)), mdns.TypeA)
	client := mdns.Client{Timeout: 200 * time.Millisecond}
	for range startAttempts {
		reply, _, err := client.ExchangeContext(ctx, question, fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil && len(reply.Answer) > 0 {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(100 * time.Millisecond)
	}
	said, _ := os.ReadFile(c.log.Name())
	return fmt.Errorf("does not answer; it said:\n%s", said)
}

func (c *contestant) stop() {
	if c.running != nil {
		_ = c.running.Process.Signal(os.Interrupt)
		ended := make(chan struct{})
		go func() { _ = c.running.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
			_ = c.running.Process.Kill()
			<-ended
		}
	}
	if c.log != nil {
		_ = c.log.Close()
		_ = os.Remove(c.log.Name())
	}
}

var (
	completed = regexp.MustCompile(`Queries completed:\s+(\d+)`)
	lost      = regexp.MustCompile(`Queries lost:\s+(\d+)`)
)

// measure drives the server for a while and notes what it answered and what that cost.
func (c *contestant) measure(ctx context.Context, o options) error {
	before, err := cpuTime(c.running.Process.Pid)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "taskset", "-c", clientCPU, "dnsperf", "-s", "127.0.0.1", "-p", strconv.Itoa(c.port),
		"-d", c.queries, "-l", fmt.Sprintf("%g", o.length.Seconds()), "-c", strconv.Itoa(o.clients), "-q", strconv.Itoa(o.window),
		"-T", "1").CombinedOutput()
	if err != nil {
		return fmt.Errorf("dnsperf: %w\n%s", err, out)
	}
	after, err := cpuTime(c.running.Process.Pid)
	if err != nil {
		return err
	}
	m := measurement{cpu: after - before}
	if m.answers, err = number(completed, out); err == nil {
		m.lost, err = number(lost, out)
	}
	c.results = append(c.results, m)
	return err
}

func number(pattern *regexp.Regexp, text []byte) (int, error) {
	found := pattern.FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("dnsperf printed something else than expected:\n%s", text)
	}
	return strconv.Atoi(string(found[1]))
}

// cpuTime is the CPU time that a process and its descendants have used, in user mode and in the kernel.
func cpuTime(pid int) (time.Duration, error) {
	total, err := ownCPUTime(pid)
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, file := range stats {
		text, _ := os.ReadFile(file)
		// PID (program) state PPID ...; the program's name may hold anything.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return 0, err
		}
		part, err := cpuTime(child)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
		total += part
	}
	return total, nil
}

// ownCPUTime sums the nanoseconds that the threads of a process have run, from /proc/PID/task/TID/schedstat.
func ownCPUTime(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("process %d: %w", pid, os.ErrNotExist)
	}
	var total time.Duration
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		run, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(run, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		total += time.Duration(ns)
	}
	return total, nil
}
