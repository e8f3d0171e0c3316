package scenario

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/fault"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Scenario is the play: what is deployed, who asks what, what happens, and what must hold.
type Scenario struct {
	Kind      string        `yaml:"kind"` // "Scenario"
	Name      string        `yaml:"name"`
	About     string        `yaml:"about"`
	Topology  string        `yaml:"topology"` // path of the topology's file, relative to this one
	Seed      uint64        `yaml:"seed"`     // of everything random; default 1
	Settle    time.Duration `yaml:"settle"`   // set-up time before the clock of the time line starts; default 1m
	Duration  time.Duration `yaml:"duration"`
	Start     string        `yaml:"start"` // name of the phase before the first change; default "steady"
	Watch     time.Duration `yaml:"watch"` // how often every DNS virtual service is asked directly; 0: never
	Manifests []Manifests   `yaml:"manifests"`
	Aliases   []Alias       `yaml:"aliases"`
	Traffic   []Traffic     `yaml:"traffic"`
	Timeline  []Entry       `yaml:"timeline"`
	Promises  []Promise     `yaml:"promises"`

	World   *Topology `yaml:"-"`
	Objects []Object  `yaml:"-"` // of all manifests, in the order in which they are applied

	file       *strict.File
	incomplete bool // something is wrong with the manifests
}

// Manifests are Kubernetes objects for one cluster.
type Manifests struct {
	Cluster string   `yaml:"cluster"`
	Files   []string `yaml:"files"` // files, or folders whose *.yaml are taken in the order of their names
}

// Alias is a CNAME in the parent zone, such as external-dns makes for an application.
type Alias struct {
	Name string        `yaml:"name"`
	To   string        `yaml:"to"`
	TTL  time.Duration `yaml:"ttl"` // whole seconds; default 5m
}

// Traffic is a group of clients that ask for one name. They are spread evenly over their resolvers.
type Traffic struct {
	Name    string        `yaml:"name"`
	Host    string        `yaml:"host"`
	Clients int           `yaml:"clients"`
	Every   time.Duration `yaml:"every"`   // between two questions of one client
	Timeout time.Duration `yaml:"timeout"` // after which a client gives a question up; default 5s, that of a stub resolver
	// Resolvers are the groups of resolvers that they ask; default all.
	Resolvers []string `yaml:"resolvers"`
	// Network is where they are; name servers hear of it from resolvers with client-subnet. Default: where the resolver is.
	Network netip.Prefix `yaml:"network"`
}

// Entry is one thing on the time line: exactly one of the kinds of package fault.
type Entry struct {
	At     time.Duration
	Until  time.Duration // when it is taken back; 0: never
	Name   string
	Then   string // name of the phase that follows once it is taken back; default "after <name>"
	Kind   string
	Action fault.Action
}

// DecodeYAML implements strict.Decoder: an entry's kind is the key under which its parameters stand.
func (e *Entry) DecodeYAML(f *strict.File, field string, n *yaml.Node) {
	var common struct {
		At    time.Duration `yaml:"at"`
		Until time.Duration `yaml:"until"`
		Name  string        `yaml:"name"`
		Then  string        `yaml:"then"`
	}
	kind, body := kindOf(f, field, n, []string{"at", "until", "name", "then"}, fault.Names(), &common)
	e.At, e.Until, e.Name, e.Then, e.Kind = common.At, common.Until, common.Name, common.Then, kind
	if kind != "" {
		e.Action = fault.Kinds[kind]()
		f.Value(strict.Join(field, kind), body, e.Action)
	}
}

// Promise is one thing that must hold: exactly one of the kinds of package check.
type Promise struct {
	Kind    string
	Promise check.Promise
}

// DecodeYAML implements strict.Decoder.
func (p *Promise) DecodeYAML(f *strict.File, field string, n *yaml.Node) {
	kind, body := kindOf(f, field, n, nil, check.Names(), &struct{}{})
	p.Kind = kind
	if kind != "" {
		p.Promise = check.Kinds[kind]()
		f.Value(strict.Join(field, kind), body, p.Promise)
	}
}

// kindOf reads a mapping that has some common fields and exactly one more key, which names its kind. It returns that key
// and its value; "" after a mistake, which has been reported.
func kindOf(f *strict.File, field string, n *yaml.Node, common, kinds []string, into any) (string, *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		f.Fail(field, "must be a mapping with one of %s", strings.Join(kinds, ", "))
		return "", nil
	}
	rest := &yaml.Node{Kind: yaml.MappingNode, Tag: n.Tag, Line: n.Line, Column: n.Column}
	var kind string
	var body *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		switch {
		case !slices.Contains(kinds, key):
			rest.Content = append(rest.Content, n.Content[i], n.Content[i+1])
			if !slices.Contains(common, key) {
				f.Value(strict.Join(field, key), n.Content[i+1], new(ignored))
				problem := "no such field or kind; known are " + strings.Join(append(slices.Clone(common), kinds...), ", ")
				if near := strict.Nearest(key, append(slices.Clone(common), kinds...)); near != "" {
					problem = fmt.Sprintf("no such field or kind (did you mean %q?)", near)
				}
				f.Fail(strict.Join(field, key), "%s", problem)
				return "", nil
			}
		case kind != "":
			f.Fail(field, "is both %s and %s; it must be one", kind, key)
			return "", nil
		default:
			kind, body = key, n.Content[i+1]
		}
	}
	f.Value(field, rest, into)
	if kind == "" {
		f.Fail(field, "says nothing to do; give one of %s", strings.Join(kinds, ", "))
	}
	return kind, body
}

// ignored accepts any value, so that its place in the file is known.
type ignored struct{}

func (*ignored) DecodeYAML(*strict.File, string, *yaml.Node) {}

// Phase is a stretch of the time line between two changes.
type Phase struct {
	Name     string
	From, To time.Duration
}

// Phases cuts the time line at every change. A phase bears the name of the change that began it.
func (s *Scenario) Phases() []Phase {
	type cut struct {
		at   time.Duration
		name string
	}
	cuts := []cut{{0, s.Start}}
	for _, e := range s.Timeline {
		cuts = append(cuts, cut{e.At, e.Name})
		if e.Until > 0 {
			cuts = append(cuts, cut{e.Until, e.Then})
		}
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return cmp.Compare(a.at, b.at) })
	var out []Phase
	for i, c := range cuts {
		end := s.Duration
		if i+1 < len(cuts) {
			end = cuts[i+1].at
		}
		if end > c.at {
			out = append(out, Phase{c.name, c.at, end})
		}
	}
	return out
}

// Settings for what a file leaves out.
func (s *Scenario) defaults() {
	if s.Seed == 0 {
		s.Seed = 1
	}
	if s.Settle == 0 {
		s.Settle = time.Minute
	}
	if s.Start == "" {
		s.Start = "steady"
	}
	for i := range s.Aliases {
		if s.Aliases[i].TTL == 0 {
			s.Aliases[i].TTL = 5 * time.Minute
		}
	}
	for i := range s.Traffic {
		if s.Traffic[i].Timeout == 0 {
			s.Traffic[i].Timeout = 5 * time.Second
		}
	}
	for i := range s.Timeline {
		if e := &s.Timeline[i]; e.Then == "" && e.Until > 0 {
			e.Then = "after " + e.Name
		}
	}
}
