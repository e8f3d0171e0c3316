package lint_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/lint"
)

func ExampleCheck() {
	values := `
configs:
  memberClusters:
  - clusterContext: vks-01
  - clusterContext: vks-02
globalDeploymentPolicy:
  appSelector: {label: {app: gslb}}
  trafficSplit:
  - cluster: vks-1
    weight: 60
`
	report, err := lint.Check([]lint.Source{{Name: "values.yaml", Data: []byte(values)}}, lint.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, finding := range report.Findings {
		fmt.Println(finding)
	}
	// Output:
	// values.yaml:9:5: error: globalDeploymentPolicy.trafficSplit[0].cluster: vks-1 is no member cluster [unknown-cluster]
	//     did you mean vks-01?
	// values.yaml:10:5: error: globalDeploymentPolicy.trafficSplit[0].weight: 60 is out of range [weight-range]
	//     use 1 to 20: weights are proportions, 6:3:1 is as good as 60:30:10
}

func TestANumberInQuotesIsCalledText(t *testing.T) {
	g := NewWithT(t)
	report, err := lint.Check([]lint.Source{{Name: "values.yaml", Data: []byte("globalDeploymentPolicy:\n  ttl: \"20\"\n")}}, lint.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(report.Findings).To(HaveLen(1))
	g.Expect(report.Findings[0].String()).To(ContainSubstring(`"20" is text, not a number`))
}

// folder reads all files of a folder of examples.
func folder(t testing.TB, pattern string) []lint.Source {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files %s (%v)", pattern, err)
	}
	var sources []lint.Source
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, lint.Source{Name: filepath.ToSlash(path), Data: data})
	}
	return sources
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	g := NewWithT(t)
	var sources []lint.Source
	for _, file := range folder(t, "testdata/rules/*.txt") {
		rule := strings.TrimSuffix(filepath.Base(file.Name), ".txt")
		files, _ := examples(t, rule)
		for _, f := range files {
			sources = append(sources, lint.Source{Name: rule + "/" + f.name, Data: []byte(f.text)})
		}
	}
	want, err := lint.Check(sources, lint.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(want.Findings)).To(BeNumerically(">", 100))
	r := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		r.Shuffle(len(sources), func(i, j int) { sources[i], sources[j] = sources[j], sources[i] })
		got, err := lint.Check(sources, lint.Options{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(got).To(Equal(want))
	}
}

func TestDisabledRulesAndLimits(t *testing.T) {
	g := NewWithT(t)
	src := []lint.Source{{Name: "v.yaml", Data: []byte("globalDeploymentPolicy:\n  ttl: 90000\n  trafficSplit:\n  - {cluster: a, weight: 30}\n")}}
	report, err := lint.Check(src, lint.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(report.Count(lint.Error)).To(Equal(2))
	report, err = lint.Check(src, lint.Options{Disable: []string{"ttl-range", "schema"}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(report.Count(lint.Error)).To(Equal(1))
	report, err = lint.Check(src, lint.Options{FindingsMax: 1})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(report.Findings).To(HaveLen(1))
	g.Expect(report.More).To(Equal(1))
	_, err = lint.Check(src, lint.Options{Disable: []string{"ttl"}})
	g.Expect(err).To(MatchError(ContainSubstring(`no rule is named "ttl"`)))
}

// What a rule says of a field is not said a second time by the schema.
func TestGeneralRulesGiveWay(t *testing.T) {
	g := NewWithT(t)
	src := []lint.Source{{Name: "r.yaml", Data: []byte(`apiVersion: amko.vmware.com/v1alpha1
kind: GSLBHostRule
metadata: {name: rule}
spec:
  fqdn: shop.example.com
  ttl: 90000
  healthMonitorRefs: [a, b, c, d, e, f, g]
  poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH, hashMask: 32}
`)}}
	report, err := lint.Check(src, lint.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	var rules []string
	for _, f := range report.Findings {
		rules = append(rules, f.Rule)
	}
	g.Expect(rules).To(Equal([]string{"ttl-range", "monitor-count", "schema"}))
}

func TestForms(t *testing.T) {
	g := NewWithT(t)
	src := []lint.Source{{Name: "v.yaml", Data: []byte("globalDeploymentPolicy:\n  ttl: 90000\n")}}
	report, err := lint.Check(src, lint.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	var text, plain, sarif bytes.Buffer
	g.Expect(report.WriteText(&text)).To(Succeed())
	g.Expect(text.String()).To(Equal(`v.yaml:2:3: error: globalDeploymentPolicy.ttl: 90000 is out of range [ttl-range]
    use seconds, 1 to 86400; a unit is not written

1 error, no warnings in 1 document of 1 file
`))
	g.Expect(report.WriteJSON(&plain)).To(Succeed())
	var back lint.Report
	g.Expect(json.Unmarshal(plain.Bytes(), &back)).To(Succeed())
	g.Expect(back).To(Equal(report))
	g.Expect(report.WriteSARIF(&sarif)).To(Succeed())
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	g.Expect(json.Unmarshal(sarif.Bytes(), &log)).To(Succeed())
	g.Expect(log.Version).To(Equal("2.1.0"))
	g.Expect(log.Runs).To(HaveLen(1))
	g.Expect(log.Runs[0].Tool.Driver.Rules).To(HaveLen(len(lint.Rules())))
	g.Expect(log.Runs[0].Results).To(HaveLen(1))
	r := log.Runs[0].Results[0]
	g.Expect(r.RuleID + " " + r.Level).To(Equal("ttl-range error"))
	g.Expect(r.Locations[0].PhysicalLocation.ArtifactLocation.URI).To(Equal("v.yaml"))
	g.Expect(r.Locations[0].PhysicalLocation.Region.StartLine).To(Equal(2))
}

// Whatever stands in a file, findings have a rule, one line and a place inside of the file, and come out the same twice.
func FuzzCheck(f *testing.F) {
	for _, file := range folder(f, "testdata/rules/*.txt") {
		f.Add(string(file.Data))
	}
	f.Add("configs: &a\n  configs: *a\n")
	f.Add("apiVersion: v1\nkind: List\nitems: [1, {kind: Ingress}]\n")
	f.Add("globalDeploymentPolicy: [1]\nconfigs: x\nfederation: {memberClusters: {a: b}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		text = fileMark.ReplaceAllString(text, "---\n")
		src := []lint.Source{{Name: "region01/f.yaml", Data: []byte(text), Named: true}}
		report, err := lint.Check(src, lint.Options{Subdomains: []string{"gslb.example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		lines := 1
		for _, mark := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} { // YAML's line breaks
			lines += strings.Count(text, mark)
		}
		for _, finding := range report.Findings {
			if finding.Rule == "" || finding.Problem == "" || finding.Line > lines || strings.ContainsAny(finding.Problem+finding.Remedy, "\n\r") {
				t.Errorf("%+v in %d lines", finding, lines)
			}
		}
		again, err := lint.Check(src, lint.Options{Subdomains: []string{"gslb.example.com"}})
		if err != nil || fmt.Sprint(again) != fmt.Sprint(report) {
			t.Errorf("another report: %v %v", again, report)
		}
	})
}
