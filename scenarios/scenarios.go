// Package scenarios holds the scenarios that come with gslbsim, and the suite that runs them all.
package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/sim/scenario"
)

// Files are the scenario files, each with the topology and the manifests that it refers to.
//
//go:embed *.yaml topologies failover geo
var Files embed.FS

// Names returns the names of all scenarios, sorted: those of their files without ending.
func Names() []string {
	names, err := fs.Glob(Files, "*.yaml")
	if err != nil {
		panic("scenarios: " + err.Error()) // the pattern is fixed
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".yaml")
	}
	return names
}

// Source returns where the scenario with this name is read from.
func Source(name string) scenario.Source {
	return scenario.Source{
		Files: Files, Name: name + ".yaml", Library: Files,
		Display: func(p string) string { return "scenarios/" + p },
	}
}

// Parts returns the paths within Files of what a scenario is made of: its file, its topology, their geo
// database and its manifests, sorted. Copied
// to one folder, they make a scenario that runs from there. An error says that there is no scenario with this name.
func Parts(name string) ([]string, error) {
	s, err := scenario.Load(Source(name))
	if err != nil {
		return nil, fmt.Errorf("scenarios: %w", err)
	}
	parts := []string{name + ".yaml", s.Topology}
	if file := s.World.Geo.File(); file != "" {
		parts = append(parts, path.Join(path.Dir(s.Topology), file))
	}
	for _, m := range s.Manifests {
		for _, root := range m.Files {
			err := fs.WalkDir(Files, root, func(p string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					parts = append(parts, p)
				}
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("scenarios: %w", err)
			}
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts), nil
}
