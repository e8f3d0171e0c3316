package fakeavi_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

var (
	testFunc  = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
	namedTest = regexp.MustCompile(`\b(?:(\w+)\.)?(Test[A-Z]\w*)\b`)
)

// Every test that the documentation names as the one which shows something exists in the package that it names.
func TestNamedTestsExist(t *testing.T) {
	g := NewWithT(t)
	exist := map[string]bool{}
	g.Expect(fs.WalkDir(os.DirFS("."), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			exist[path.Join(path.Base(path.Dir(name)), m[1])] = true
		}
		return err
	})).To(Succeed())
	overview, err := os.ReadFile("doc.go")
	g.Expect(err).NotTo(HaveOccurred())
	manual, err := os.ReadFile("../docs/avi.md")
	g.Expect(err).NotTo(HaveOccurred())
	_, failures, found := strings.Cut(string(manual), "\n## When parts fail\n")
	g.Expect(found).To(BeTrue())
	failures, _, _ = strings.Cut(failures, "\n## ")
	for where, text := range map[string]string{"doc.go": string(overview), "docs/avi.md": failures} {
		named := namedTest.FindAllStringSubmatch(text, -1)
		g.Expect(len(named)).To(BeNumerically(">", 10), where)
		for _, m := range named {
			g.Expect(exist[path.Join(m[1], m[2])]).To(BeTrue(), "%s names %s", where, m[0])
		}
	}
}
