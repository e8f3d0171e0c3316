package querylog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// MaxTally is how many different answers, of all names together, a Tally
// counts.
const MaxTally = 1_000_000

// ErrTally: a log has more than MaxTally different answers.
var ErrTally = fmt.Errorf("more than %d different answers", MaxTally)

// Tally counts the answers to each name. The zero Tally is empty.
type Tally struct {
	names map[string]map[string]int // by name in lower case, without final dot
	size  int
}

// Add counts an entry.
func (t *Tally) Add(e *Entry) error { return t.add(e.FQDN, e.answer()) }

func (t *Tally) add(fqdn, answer string) error {
	name := strings.ToLower(trimDot(fqdn))
	answers := t.names[name]
	if answers == nil {
		if t.names == nil {
			t.names = make(map[string]map[string]int)
		}
		answers = make(map[string]int)
		t.names[name] = answers
	}
	if _, known := answers[answer]; !known {
		if t.size == MaxTally {
			return ErrTally
		}
		t.size++
	}
	answers[answer]++
	return nil
}

// Names returns the names in order.
func (t *Tally) Names() []string {
	names := make([]string, 0, len(t.names))
	for name := range t.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Count is how many entries of a name (any letter case, with or without final
// dot) were counted.
func (t *Tally) Count(fqdn string) int {
	total := 0
	for _, n := range t.names[strings.ToLower(trimDot(fqdn))] {
		total += n
	}
	return total
}

// Shares returns the shares of the answers to a name, the most frequent first.
func (t *Tally) Shares(fqdn string) []Share { return sharesOf(t.names[strings.ToLower(trimDot(fqdn))]) }

// AddCSV counts the lines of a CSV export of the log of a DNS virtual
// service, this package's or the product's: the first line names the columns,
// in any order, of which dns_fqdn and dns_ips are needed. Answers without
// addresses are told apart by dns_response, if it is there. An error says in
// which line of the file reading ended.
func (t *Tally) AddCSV(r io.Reader) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("1: the file is empty")
	}
	if err != nil {
		return csvError(err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimPrefix(name, "\ufeff")] = i
	}
	fqdn, known := at["dns_fqdn"]
	ips, alsoKnown := at["dns_ips"]
	if !known || !alsoKnown {
		return errors.New("1: there are no columns dns_fqdn and dns_ips, as the log of a DNS virtual service has them")
	}
	response, hasResponse := at["dns_response"]
	for {
		line, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(err)
		}
		answer := strings.Join(strings.FieldsFunc(line[ips], func(c rune) bool { return strings.ContainsRune(", []\"", c) }), " ")
		if answer == "" && hasResponse {
			answer = responseText(line[response])
		}
		if answer == "" {
			answer = "no address"
		}
		if err := t.add(strings.Clone(line[fqdn]), answer); err != nil {
			n, _ := in.FieldPos(0)
			return fmt.Errorf("%d: %w", n, err)
		}
	}
}

var rcodeInResponse = regexp.MustCompile(`DNS_RCODE_(\w+)`)

// responseText is what the text of a dns_response says of an answer without
// addresses, in the words of Share. How the product writes that column is
// unconfirmed; its names of reply codes are what is looked for.
func responseText(text string) string {
	code := rcodeInResponse.FindStringSubmatch(text)
	switch {
	case text == "":
		return "dropped"
	case code == nil:
		return ""
	case code[1] != "NOERROR":
		return code[1]
	case strings.Contains(text, "answer_records_count=0"):
		return "empty"
	default:
		return ""
	}
}

// csvError puts the line in front, as in errors about files.
func csvError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("%d: %w", parse.Line, parse.Err)
	}
	return err
}
