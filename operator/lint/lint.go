package lint

import (
	"errors"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// Source is a file.
type Source struct {
	// Name is the file's path as messages show it, with slashes. The part before the last slash is its folder: files of one
	// folder are taken to go to one cluster.
	Name string
	Data []byte
	// Named is whether the user named this file. Others, found in a folder, may be about anything.
	Named bool
}

// Options are the choices of Check. The zero value is the usual one.
type Options struct {
	// Subdomains are the GSLB subdomains, such as "gslb.example.com". Empty: hosts are not compared with any.
	Subdomains []string
	// Disable names rules that are left out.
	Disable []string
	// FindingsMax bounds the findings of a report. 0 means 1,000.
	FindingsMax int
}

// Report is what Check found.
type Report struct {
	// Findings are ordered by place.
	Findings []Finding `json:"findings"`
	// Files is how many files were given, Documents how many documents in them were looked at.
	Files     int `json:"files"`
	Documents int `json:"documents"`
	// More is how many findings were left out because there were too many.
	More int `json:"more,omitempty"`
}

// Count returns how many findings have a severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Check looks for mistakes in files that belong together. The same files in any order give the same report. The error names
// a rule in Options.Disable that does not exist. Check is safe for concurrent use.
func Check(sources []Source, opts Options) (Report, error) {
	if err := checkNames(opts.Disable); err != nil {
		return Report{}, err
	}
	sources = slices.Clone(sources)
	slices.SortStableFunc(sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	c := newCorpus(opts)
	report := Report{Files: len(sources), Findings: []Finding{}}
	for _, s := range sources {
		c.read(s)
	}
	for _, d := range c.documents {
		if d.form != formOther {
			report.Documents++
		}
	}
	for _, r := range rules {
		if !slices.Contains(opts.Disable, r.ID) {
			s := &search{corpus: c, rule: r}
			r.check(s)
			report.Findings = append(report.Findings, s.found...)
		}
	}
	report.Findings = giveWay(report.Findings)
	sortFindings(report.Findings)
	report.Findings = slices.Compact(report.Findings)
	most := opts.FindingsMax
	if most == 0 {
		most = 1000
	}
	if n := len(report.Findings); n > most {
		report.Findings, report.More = report.Findings[:most], n-most
	}
	return report, nil
}

// read parses a file.
func (c *corpus) read(s Source) {
	file := &source{Source: s}
	c.sources = append(c.sources, file)
	documents, err := manifest.Parse(s.Name, s.Data, manifest.Options{})
	for i := range documents {
		d := newDocument(&documents[i])
		file.documents = append(file.documents, d)
		c.take(d)
	}
	var faults manifest.Errors
	if errors.As(err, &faults) {
		for _, f := range faults {
			file.faults = append(file.faults, fault{Error: f})
		}
	}
	for _, d := range file.documents {
		file.faults = append(file.faults, c.judge(d)...)
	}
}

// giveWay removes findings of general rules at fields that others speak of.
func giveWay(list []Finding) []Finding {
	general := map[string]bool{}
	for _, r := range rules {
		general[r.ID] = r.general
	}
	type place struct{ file, field string }
	special := map[place]bool{}
	for _, f := range list {
		if !general[f.Rule] {
			for field := f.Field; field != ""; field = parent(field) {
				special[place{f.File, field}] = true
			}
		}
	}
	return slices.DeleteFunc(list, func(f Finding) bool {
		return general[f.Rule] && special[place{f.File, f.Field}]
	})
}

// parent is the path of the field that holds another one; empty is the document.
func parent(field string) string {
	return field[:max(0, strings.LastIndexAny(field, ".["))]
}
