package loadtest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// dnsperf is the program that plays traces better than anybody, if it is
// installed.
const dnsperf = "dnsperf"

// runDnsperf plays the trace's file and returns how many queries dnsperf sent
// and lost.
func (p *Plan) runDnsperf(ctx context.Context) (sent, lost int, err error) {
	args := []string{
		"-s", p.Server.Addr().String(), "-p", strconv.Itoa(int(p.Server.Port())), "-d", p.Path,
		"-n", strconv.Itoa(p.rounds()), "-t", strconv.Itoa(max(1, int(p.Timeout.Seconds()))), "-S", "0", "-W",
	}
	if p.Rate > 0 {
		args = append(args, "-Q", strconv.FormatFloat(p.Rate, 'f', -1, 64))
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, dnsperf, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return 0, 0, fmt.Errorf("dnsperf: %w: %s", err, firstLine(out.Bytes()))
	}
	return readDnsperf(out.Bytes())
}

var dnsperfCount = regexp.MustCompile(`Queries (sent|lost):\s+(\d+)`)

// readDnsperf reads the statistics that dnsperf prints at its end.
func readDnsperf(out []byte) (sent, lost int, err error) {
	found := map[string]int{}
	for _, m := range dnsperfCount.FindAllSubmatch(out, -1) {
		n, err := strconv.Atoi(string(m[2]))
		if err != nil {
			return 0, 0, fmt.Errorf("dnsperf: %w", err)
		}
		found[string(m[1])] = n
	}
	if len(found) != 2 {
		return 0, 0, fmt.Errorf("dnsperf printed no statistics: %s", firstLine(out))
	}
	return found["sent"], found["lost"], nil
}

func firstLine(out []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
	return line
}
