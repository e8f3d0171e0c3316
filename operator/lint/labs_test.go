package lint_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/lint"
)

const labs = "../testdata/labs"

// lab reads all files of a lab.
func lab(t *testing.T, name string) []lint.Source {
	t.Helper()
	root := filepath.Join(labs, name)
	var sources []lint.Source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		sources = append(sources, lint.Source{Name: filepath.ToSlash(rel), Data: data})
		return err
	})
	if err != nil || len(sources) == 0 {
		t.Fatalf("lab %s: no files (%v)", name, err)
	}
	return sources
}

// What works in labs raises no alarm; a password in the values is worth a warning.
//
// Shows: lint-quiet
func TestLabsRaiseNoAlarm(t *testing.T) {
	for name, subdomain := range map[string]string{
		"home-lab": "gslb.guzware.net", "online-shop": "avi.nsxbaas.homelab", "three-zones": "avi.iberia.local", "active-passive": "gslb.aclab.uk",
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			report, err := lint.Check(lab(t, name), lint.Options{Subdomains: []string{subdomain}, Disable: []string{"password-in-values"}})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(report.Findings).To(BeEmpty())
			g.Expect(report.Documents).To(BeNumerically(">", 2))
		})
	}
}

// What was published and does not work is named, at the lines that are marked.
func TestLabsMistakesAreNamed(t *testing.T) {
	sources := lab(t, "as-published")
	var want, got []string
	for _, s := range sources {
		want = append(want, marks(t, s.Name, string(s.Data))...)
	}
	report, err := lint.Check(sources, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Rule))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("marked (-) and found (+):\n%s\n%v", diff, report.Findings)
	}
}

// The operator's own chart raises no alarm.
func TestOwnChartRaisesNoAlarm(t *testing.T) {
	sources := append(folder(t, "../chart/*.yaml"), folder(t, "../chart/values.schema.json")...)
	report, err := lint.Check(sources, lint.Options{})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(report.Findings).To(BeEmpty())
	NewWithT(t).Expect(report.Documents).To(Equal(2), "values and Chart.yaml")
}
