package strict_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"

	"github.com/gslbsim/gslbsim/sim/strict"
)

type base struct {
	Name string `yaml:"name"`
}

type doc struct {
	base     `yaml:",inline"`
	Duration time.Duration  `yaml:"duration"`
	Seed     uint64         `yaml:"seed"`
	Share    float64        `yaml:"share"`
	On       bool           `yaml:"on"`
	Address  netip.Addr     `yaml:"address"`
	Subnet   *netip.Prefix  `yaml:"subnet"`
	Items    []item         `yaml:"items"`
	Weights  map[string]int `yaml:"weights"`
	Either   either         `yaml:"either"`
	hidden   int            //lint:ignore U1000 shows that unexported fields are left alone
}

type item struct {
	At time.Duration `yaml:"at"`
}

// either reads itself: it is a word or a list of words.
type either []string

func (e *either) DecodeYAML(f *strict.File, field string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		*e = either{n.Value}
		return
	}
	f.Value(field, n, (*[]string)(e))
}

func TestDecodeReadsEveryKind(t *testing.T) {
	g := NewWithT(t)
	var d doc
	f := strict.Decode("x.yaml", []byte(`
name: failover
duration: 20m
seed: 7
share: 0.5
on: true
address: 10.0.0.1
subnet: 10.0.0.0/24
items: [{at: 2m}, {at: 1h}]
weights: {a: 1, b: 2}
either: one
`), &d)
	g.Expect(f.Err()).NotTo(HaveOccurred())
	subnet := netip.MustParsePrefix("10.0.0.0/24")
	g.Expect(d).To(Equal(doc{
		base: base{"failover"}, Duration: 20 * time.Minute, Seed: 7, Share: 0.5, On: true,
		Address: netip.MustParseAddr("10.0.0.1"), Subnet: &subnet,
		Items: []item{{2 * time.Minute}, {time.Hour}}, Weights: map[string]int{"a": 1, "b": 2}, Either: either{"one"},
	}))
	g.Expect(f.Line("items[1].at")).To(Equal(9))
	g.Expect(f.Line("items[1].nothing.here")).To(Equal(9))
	g.Expect(f.Line("nothing")).To(Equal(2))
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	for name, tc := range map[string]struct{ src, want string }{
		"misspelt":       {"name: x\nduratoin: 1m", `x.yaml:2: duratoin: no such field (did you mean "duration"?)`},
		"unknown":        {"zzz: 1", "x.yaml:1: zzz: no such field; known are address, duration, either, items, name, on, seed, share, subnet, weights"},
		"in a list":      {"items:\n- at: 1m\n- att: 2m", `x.yaml:3: items[1].att: no such field (did you mean "at"?)`},
		"duration":       {"duration: 5", `x.yaml:1: duration: must be a duration such as "90s" or "2m", not "5"`},
		"negative":       {"seed: -1", `x.yaml:1: seed: must be a whole number that is not negative, not "-1"`},
		"fraction":       {"weights: {a: 1.5}", `x.yaml:1: weights.a: must be a whole number, not "1.5"`},
		"bool":           {"on: maybe", `x.yaml:1: on: must be true or false, not "maybe"`},
		"address":        {"address: 10.0.0.999", `x.yaml:1: address: must be an IP address, not "10.0.0.999"`},
		"list":           {"items: {at: 1m}", "x.yaml:1: items: must be a list, not a mapping"},
		"mapping":        {"items: [5]", `x.yaml:1: items[0]: must be a mapping, not "5"`},
		"empty value":    {"name:", "x.yaml:1: name: must be a text, not empty"},
		"twice":          {"name: a\nname: b", "x.yaml:2: name: stands twice, first in line 1"},
		"empty file":     {"", "x.yaml: the file is empty"},
		"not yaml":       {"a: b\n c: d", "x.yaml:2: not YAML: mapping values are not allowed in this context"},
		"inside Decoder": {"either: {a: b}", "x.yaml:1: either: must be a list, not a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			var d doc
			NewWithT(t).Expect(strict.Decode("x.yaml", []byte(tc.src), &d).Err()).To(MatchError(tc.want))
		})
	}
}

func TestMistakesComeByLineAndAreBounded(t *testing.T) {
	g := NewWithT(t)
	var d doc
	f := strict.Decode("x.yaml", []byte(strings.Repeat("- 1\n", 3)), &d)
	g.Expect(f.Err()).To(MatchError("x.yaml:1: must be a mapping, not a list"))

	f = strict.Decode("x.yaml", []byte("b1: 1\nb2: 1\nname: ok"), &d)
	f.Fail("name", "is taken")
	f.Fail("b1", "again")
	g.Expect(strings.Split(f.Err().Error(), "\n")).To(HaveExactElements(
		HavePrefix("x.yaml:1: b1"), HavePrefix("x.yaml:1: b1: again"), HavePrefix("x.yaml:2: b2"), Equal("x.yaml:3: name: is taken")))

	f = strict.Decode("x.yaml", []byte("items: ["+strings.Repeat("1,", 100)+"]"), &d)
	lines := strings.Split(f.Err().Error(), "\n")
	g.Expect(lines).To(HaveLen(strict.MaxErrors + 1))
	g.Expect(lines[strict.MaxErrors]).To(ContainSubstring("too many mistakes"))
}

// Lines are found through aliases, below types that read themselves, and under keys that look like paths.
func TestLines(t *testing.T) {
	g := NewWithT(t)
	var d doc
	f := strict.Decode("x.yaml", []byte(`
weights:
  a: 1
  a.b: 2
  a[0]: 3
items:
- &first
  at: 1m
- *first
-
  at: 2m
either:
- one
- two
`), &d)
	g.Expect(f.Err()).NotTo(HaveOccurred())
	for field, want := range map[string]int{
		"": 2, "weights": 3, "weights.a": 3, "weights.a.b": 4, "weights.a[0]": 5, "weights.a.c": 3, "weights.b": 3, "items": 7,
		"items[0].at": 8, "items[1]": 9, "items[1].at": 8, "items[2].at": 11, "items[3]": 7, "items[-1]": 7, "items[x]": 7, "either[1]": 14,
	} {
		g.Expect(f.Line(field)).To(Equal(want), field)
	}
}

// However many keys a mapping has, those that come twice are found.
func TestKeysThatStandTwice(t *testing.T) {
	for _, keys := range []int{2, 31, 32, 33, 1000} {
		var text strings.Builder
		text.WriteString("weights:\n")
		for i := range keys {
			fmt.Fprintf(&text, "  k%d: 1\n", i)
		}
		text.WriteString("  k1: 2\n  k1: 3\n")
		var d doc
		err := strict.Decode("x.yaml", []byte(text.String()), &d).Err()
		NewWithT(t).Expect(err).To(MatchError(fmt.Sprintf(
			"x.yaml:%d: weights.k1: stands twice, first in line 3\nx.yaml:%d: weights.k1: stands twice, first in line 3", keys+2, keys+3)))
		NewWithT(t).Expect(d.Weights).To(HaveLen(keys))
	}
}

func TestNearest(t *testing.T) {
	known := []string{"priority", "weight", "cluster", "ttl"}
	for word, want := range map[string]string{"priorty": "priority", "wieght": "weight", "cluster": "cluster", "tll": "ttl", "x": "", "geo": "", "prio": ""} {
		NewWithT(t).Expect(strict.Nearest(word, known)).To(Equal(want), word)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: x\nitems: [{at: 1m}]"))
	f.Add([]byte("a: &x [1]\nb: *x"))
	f.Add([]byte("<<: {name: x}"))
	f.Fuzz(func(_ *testing.T, src []byte) {
		var d doc
		_ = strict.Decode("x.yaml", src, &d).Err()
	})
}

// A file holds one document. Nothing of what follows is left out silently; empty documents, as a last "---" makes, are none.
func TestOneDocumentInAFile(t *testing.T) {
	for src, want := range map[string]string{
		"name: a\n---\nname: b\n":           "x.yaml:3: a second document begins here; a file holds one: put it into a file of its own",
		"name: a\n---\n---\nname: b\n":      "x.yaml:4: a second document begins here",
		"name: a\n---\nname: [\n":           "x.yaml:3: not YAML: ",
		"---\nname: a\n...\n":               "",
		"name: a\n---\n":                    "",
		"name: a\n---\n# nothing\n---\n":    "",
		"# nothing\n":                       "x.yaml: the file is empty",
		"\ufeffname: a\r\nduration: 1m\r\n": "",
	} {
		err := strict.Decode("x.yaml", []byte(src), &doc{}).Err()
		if want == "" {
			NewWithT(t).Expect(err).NotTo(HaveOccurred(), "%q", src)
		} else {
			NewWithT(t).Expect(err).To(MatchError(HavePrefix(want)), "%q", src)
		}
	}
}
