package scenario

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gslbsim/gslbsim/operator/manifest"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Object is one Kubernetes object of a scenario and the cluster that it is for.
type Object struct {
	Cluster string
	manifest.Document
}

// Source is where a scenario is read from.
type Source struct {
	Files fs.FS
	Name  string // of the scenario's file in Files
	// Display turns the name of a file in Files into what people see in errors; nil: the name itself.
	Display func(name string) string
	// Library holds the topologies that are named without a path, in its folder topologies; nil: there are none.
	Library fs.FS
}

// Load reads a scenario file and all that it refers to. Every mistake is an error that tells its file, line and field;
// nothing that is wrong is left for the run to find.
func Load(src Source) (*Scenario, error) {
	l := &loader{Source: src}
	s := &Scenario{}
	f, err := l.decode(src.Files, src.Name, l.display(src.Name), "Scenario", s)
	if err != nil {
		return nil, err
	}
	s.file = f
	s.defaults()
	world, err := l.topology(s)
	if err != nil {
		return nil, errors.Join(f.Err(), err)
	}
	if s.World = world; world == nil {
		return nil, f.Err()
	}
	objects := l.objects(s)
	if f.Err() == nil && objects == nil {
		objects = s.checkNames()
	}
	s.incomplete = f.Err() != nil || objects != nil
	s.check()
	if err := errors.Join(f.Err(), objects); err != nil {
		return nil, err
	}
	return s, nil
}

// topology reads the topology of a scenario. It returns nil without an error for mistakes that were recorded in s.
func (l *loader) topology(s *Scenario) (*Topology, error) {
	if path.IsAbs(s.Topology) {
		s.file.Fail("topology", "must be a path relative to this file, not %s", s.Topology)
		return nil, nil
	}
	if s.Topology == "" {
		s.file.Fail("topology", "is missing: the path of a topology file, relative to this one, or the name of one that comes along")
		return nil, nil
	}
	files, name := l.Files, path.Join(path.Dir(l.Name), s.Topology)
	display := l.display(name)
	if l.Library != nil && path.Ext(s.Topology) == "" && !strings.Contains(s.Topology, "/") {
		files, name = l.Library, "topologies/"+s.Topology+".yaml"
		display = name
	}
	t := &Topology{}
	f, err := l.decode(files, name, display, "Topology", t)
	if errors.Is(err, fs.ErrNotExist) {
		s.file.Fail("topology", "there is no file %s", display)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t.file = f
	t.complete()
	l.openGeo(t, files, path.Dir(name))
	return t, f.Err()
}

type loader struct{ Source }

func (l *loader) display(name string) string {
	if l.Display == nil {
		return name
	}
	return l.Display(name)
}

// decode reads a file of a kind. One of another kind is told to be so, instead of what it lacks.
func (l *loader) decode(files fs.FS, name, display, kind string, into any) (*strict.File, error) {
	src, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", display, plain(err))
	}
	var is struct {
		Kind string `yaml:"kind"`
	}
	if yaml.Unmarshal(src, &is) == nil && is.Kind != "" && is.Kind != kind {
		f := strict.Decode(display, src, &kindOnly{})
		f.Fail("kind", "must be %q, not %q", kind, is.Kind)
		return f, f.Err()
	}
	f := strict.Decode(display, src, into)
	return f, f.Err()
}

// kindOnly reads a file for the sake of its lines.
type kindOnly struct{}

// DecodeYAML implements strict.Decoder.
func (*kindOnly) DecodeYAML(*strict.File, string, *yaml.Node) {}

// plain takes the path off a file error, which the caller says in its own words.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// objects reads all manifests into s.Objects.
func (l *loader) objects(s *Scenario) error {
	var wrong []error
	given := objectPlaces{}
	for i, m := range s.Manifests {
		field := fmt.Sprintf("manifests[%d]", i)
		if c, _ := s.World.Cluster(m.Cluster); c == nil {
			s.file.Fail(field+".cluster", "no such cluster: %q; known are %v", m.Cluster, s.World.clusterNames())
		}
		if len(m.Files) == 0 {
			s.file.Fail(field+".files", "is missing: files, or folders of them")
		}
		for j, name := range m.Files {
			if path.IsAbs(name) {
				s.file.Fail(fmt.Sprintf("%s.files[%d]", field, j), "must be a path relative to this file, not %s", name)
				continue
			}
			at := path.Join(path.Dir(l.Name), name)
			names, err := l.expand(at)
			if err != nil {
				s.file.Fail(fmt.Sprintf("%s.files[%d]", field, j), "%s: %s", l.display(at), plain(err))
				continue
			}
			for _, file := range names {
				src, err := fs.ReadFile(l.Files, file)
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				docs, err := manifest.Load(l.display(file), src, manifest.Options{})
				if err != nil {
					wrong = append(wrong, err)
				}
				for _, d := range docs {
					s.Objects = append(s.Objects, Object{m.Cluster, d})
					wrong = append(wrong, given.once(m.Cluster, &d))
				}
			}
		}
	}
	return errors.Join(wrong...)
}

// objectPlaces remembers where each object stands.
type objectPlaces map[string]string

// once refuses an object that a cluster was given before.
func (p objectPlaces) once(cluster string, d *manifest.Document) error {
	line, col := d.Position("")
	id := fmt.Sprintf("%s %s %s/%s", cluster, d.GroupVersionKind().GroupKind(), d.Namespace(), d.Name())
	first := p[id]
	if first == "" {
		p[id] = fmt.Sprintf("%s:%d", d.File, line)
		return nil
	}
	return &manifest.Error{
		File: d.File, Line: line, Column: col,
		Problem: fmt.Sprintf("%s %s is given to cluster %s twice, first in %s", d.GroupVersionKind().Kind, d.Name(), cluster, first),
		Remedy:  "keep one of them",
	}
}

// expand returns the file itself, or the YAML files of a folder in the order of their names.
func (l *loader) expand(name string) ([]string, error) {
	info, err := fs.Stat(l.Files, name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	entries, err := fs.ReadDir(l.Files, name)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, path.Join(name, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the folder holds no .yaml file")
	}
	slices.Sort(out)
	return out, nil
}

// checkNames refuses host names that the policy selects but that no GSLB service can have, and a policy that selects none.
func (s *Scenario) checkNames() error {
	var wrong []error
	switch {
	case s.policy() == nil:
		s.file.Fail("manifests", "hold no GlobalDeploymentPolicy for %s, the cluster that the operator runs in: no GSLB service would be made", s.World.Operator.Cluster)
	case len(s.selected()) == 0:
		s.file.Fail("manifests", "hold no Ingress that the GlobalDeploymentPolicy of %s selects: no GSLB service would be made", s.World.Operator.Cluster)
	}
	for _, sel := range s.selected() {
		if _, site := s.World.Cluster(sel.object.Cluster); site.Controller == nil {
			line, col := sel.object.Position("")
			wrong = append(wrong, &manifest.Error{
				File: sel.object.File, Line: line, Column: col,
				Problem: fmt.Sprintf("the policy selects this object of cluster %s, but its site %s has no Avi controller that could serve it", sel.object.Cluster, site.Name),
				Remedy:  "take the cluster out of the policy's matchClusters, or give the site a controller",
			})
		}
		if slices.ContainsFunc(s.World.GSLB.Subdomains, func(d string) bool { return under(sel.host, d) }) {
			continue
		}
		line, col := sel.object.Position(sel.field)
		if sel.host == "" {
			wrong = append(wrong, &manifest.Error{
				File: sel.object.File, Line: line, Column: col, Field: sel.field, Problem: "is missing: a GSLB service needs a host name",
				Remedy: "give the rule a host, or take the label that the GlobalDeploymentPolicy selects off the object",
			})
			continue
		}
		wrong = append(wrong, &manifest.Error{
			File: sel.object.File, Line: line, Column: col, Field: sel.field,
			Problem: fmt.Sprintf("host %s is outside of the GSLB subdomains (%s)", sel.host, strings.Join(s.World.GSLB.Subdomains, ", ")),
			Remedy:  "rename the host, or take the label that the GlobalDeploymentPolicy selects off the object",
		})
	}
	return errors.Join(wrong...)
}
