package loadtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	mdns "github.com/miekg/dns"
)

// Question is one line of a trace.
type Question struct {
	Name string // with final dot
	Type uint16
}

// String returns the question as people write it: "app.gslb.example A".
func (q Question) String() string {
	return strings.TrimSuffix(q.Name, ".") + " " + mdns.Type(q.Type).String()
}

// MaxLines is the longest trace in lines.
const MaxLines = 1_000_000

// ReadTrace reads a query file as dnsperf takes it: a name and a type on each
// line, comments behind ; or #. An error names file and line.
func ReadTrace(path string) ([]Question, error) {
	src, err := os.ReadFile(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%s: %w", path, failed.Err)
	}
	if err != nil {
		return nil, err
	}
	return parseTrace(path, src)
}

func parseTrace(path string, src []byte) ([]Question, error) {
	var all []Question
	lines := bufio.NewScanner(bytes.NewReader(src))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), ";")
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) == "" {
			continue
		}
		q, err := parseLine(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if all = append(all, q); len(all) > MaxLines {
			return nil, fmt.Errorf("%s:%d: more than %d queries; the file is played again and again anyway", path, n, MaxLines)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: has no query; write lines such as: app.gslb.example A", path)
	}
	return all, nil
}

func parseLine(fields []string) (Question, error) {
	if len(fields) != 2 {
		return Question{}, fmt.Errorf("%q: use a name and a type, such as: app.gslb.example A", strings.Join(fields, " "))
	}
	q := Question{Name: mdns.Fqdn(fields[0]), Type: mdns.StringToType[strings.ToUpper(fields[1])]}
	if _, ok := mdns.IsDomainName(q.Name); !ok {
		return Question{}, fmt.Errorf("%q is not a domain name", fields[0])
	}
	if q.Type == mdns.TypeNone {
		return Question{}, fmt.Errorf("%q is not a type of DNS records", fields[1])
	}
	// The library takes some names that cannot be sent, such as a single backslash.
	if _, err := new(mdns.Msg).SetQuestion(q.Name, q.Type).Pack(); err != nil {
		return Question{}, fmt.Errorf("%q is not a domain name", fields[0])
	}
	return q, nil
}
