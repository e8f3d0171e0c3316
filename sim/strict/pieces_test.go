package strict_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// long is a document with a list that may be cut.
type long struct {
	Name  string   `yaml:"name"`
	Items []entry  `yaml:"items"`
	Words []string `yaml:"words"`
	Own   either   `yaml:"own"`
	One   int      `yaml:"one"`
}

type entry struct {
	At    int            `yaml:"at"`
	Text  string         `yaml:"text"`
	Inner []entry        `yaml:"inner"`
	Map   map[string]int `yaml:"map"`
	Own   either         `yaml:"own"`
}

// differ tells how reading in pieces differs from reading at once. Cut is false if the file cannot be read in pieces.
func differ(src string, size int) (difference string, cut bool) {
	var whole, pieces long
	f := strict.Decode("x.yaml", []byte(src), &whole)
	p := strict.DecodeInPieces("x.yaml", []byte(src), &pieces, size)
	if p == nil {
		if !reflect.DeepEqual(pieces, long{}) {
			return fmt.Sprintf("given up, but left %+v", pieces), false
		}
		return "", false
	}
	if !reflect.DeepEqual(whole, pieces) {
		return fmt.Sprintf("at once %+v\nin pieces %+v", whole, pieces), true
	}
	fields := []string{"", "name", "items", "words", "words[1]", "own", "items[-1]", "items[1", "items[99999]", "nothing.at.all"}
	for i := range whole.Items {
		at := fmt.Sprintf("items[%d]", i)
		fields = append(fields, at, at+".at", at+".inner[1].at", at+".inner[0].text", at+".own[1]", at+".map.a", at+".none")
	}
	for _, field := range fields {
		if a, b := f.Line(field), p.Line(field); a != b {
			return fmt.Sprintf("%s: at once in line %d, in pieces in line %d", field, a, b), true
		}
	}
	for _, field := range fields {
		f.Fail(field, "wrong")
		p.Fail(field, "wrong")
	}
	if a, b := fmt.Sprint(f.Err()), fmt.Sprint(p.Err()); a != b {
		return fmt.Sprintf("at once:\n%s\nin pieces:\n%s", a, b), true
	}
	return "", true
}

const pieceful = `# about the list
name: x
items:
# about its items
- at: 1
  text: "two
    lines"
- {at: 2, inner: [{at: 3}, {at: 4}]}

-
  at: 5
  inner:
  - at: 6
  - at: 7
    text: |
      - no item

      # no comment
  # a comment
- at: x
- own: [a, b]
- nonsense
- at: 8
  at: 9
  unknown: 1
  map: {a: 1, b: c}
words:
- a
- b
one: two
`

func TestPiecesAreReadAsTheWhole(t *testing.T) {
	for _, size := range []int{1, 20, 60, 200, 1 << 20} {
		for name, src := range map[string]string{
			"list first":        pieceful[strings.Index(pieceful, "items:"):],
			"list in between":   pieceful,
			"indented list":     "name: x\nitems:\n  - at: 1\n  - inner:\n    - at: 2\n    - at: x\n  -\n    at: 3\none: 1\n",
			"no end of line":    "items:\n- at: 1\n- at: x",
			"ends of DOS":       strings.ReplaceAll(pieceful, "\n", "\r\n"),
			"key twice":         pieceful + "items:\n- at: 1\n",
			"a document's head": "---\n" + pieceful,
			"words":             "words:\n- a\n- b\n- [c]\n- \n- {d: e}\n",
			"spaces":            "items:  \n-   at: 1\n- at: x   \n",
		} {
			difference, cut := differ(src, size)
			g := NewWithT(t)
			g.Expect(difference).To(BeEmpty(), "%s, %d bytes", name, size)
			g.Expect(cut).To(BeTrue(), "%s, %d bytes", name, size)
		}
	}
}

// Where indentation does not tell the items the file is read at once.
func TestFilesThatAreReadAtOnce(t *testing.T) {
	for name, src := range map[string]string{
		"no list":                            "name: x\none: 1\n",
		"flow style":                         "items: [{at: 1}, {at: 2}]\n",
		"several documents":                  "items:\n- at: 1\n---\nitems:\n- at: 2\n",
		"end of the document":                "items:\n- at: 1\n...\nitems:\n- at: 2\n",
		"list within a text":                 "name: \"x\nitems:\n- at: 1\n\"\n",
		"item within a text":                 "items:\n- text: \"a\n- at: b\"\n",
		"item within a list":                 "items:\n- inner: [{at: 1},\n- at: 2]\n",
		"anchor in one and alias in another": "items:\n- &a {at: 1}\n- *a\n",
		"anchor in the list alone":           "items:\n- &a {at: 1}\none: *a\n",
		"not YAML":                           "items:\n- at: 1\n- }\n",
		"not YAML elsewhere":                 "items:\n- at: 1\none: }\n",
		"a list that reads itself":           "own:\n- a\n- b\n",
		"an unknown list":                    "others:\n- a\n- b\n",
		"a list where none belongs":          "one:\n- a\n- b\n",
		"an anchored list":                   "items: &x\n- at: 1\n",
		"a list at the outermost":            "- at: 1\n",
	} {
		difference, cut := differ(src, 1)
		g := NewWithT(t)
		g.Expect(difference).To(BeEmpty(), name)
		g.Expect(cut).To(BeFalse(), name)
	}
}

// A long file's mistakes are told as those of a short one.
func TestMistakesOfALongFile(t *testing.T) {
	g := NewWithT(t)
	var src strings.Builder
	src.WriteString("name: x\nitems:\n")
	const items = 60_000
	for i := range items {
		fmt.Fprintf(&src, "- at: %d\n  text: of some length\n", i)
	}
	text := strings.Replace(src.String(), "at: 50000\n", "at: fifty\n", 1)
	g.Expect(len(text)).To(BeNumerically(">", 1<<20))
	var d long
	f := strict.Decode("x.yaml", []byte(text), &d)
	f.Fail("items[59999].text", "is bad")
	f.Fail("items[2].text", "is bad")
	g.Expect(f.Err()).To(MatchError("x.yaml:8: items[2].text: is bad\n" +
		`x.yaml:100003: items[50000].at: must be a whole number, not "fifty"` + "\n" +
		"x.yaml:120002: items[59999].text: is bad"))
	g.Expect(d.Items).To(HaveLen(items))
	g.Expect(d.Items[59_999].At).To(Equal(59_999))
}

// FuzzPieces: what is read in pieces is what is read at once, mistakes and lines included.
func FuzzPieces(f *testing.F) {
	f.Add(pieceful, 1)
	f.Add(pieceful, 50)
	f.Add("items:\n- &a {at: 1}\n- *a\n", 1)
	f.Add("name: |\n  x\nitems:\n  - at: 1\n  # c\n  - inner:\n    - at: 2\n", 1)
	f.Add("items:\n- text: 'a\n- at: b'\n", 1)
	f.Fuzz(func(t *testing.T, src string, size int) {
		if difference, _ := differ(src, size); difference != "" {
			t.Fatal(difference)
		}
	})
}
