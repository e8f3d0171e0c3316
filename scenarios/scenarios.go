// Package scenarios holds the scenarios that come with gslbsim, and the suite that runs them all.
package scenarios

import (
	"embed"
	"io/fs"
	"path"
	"strings"

	"github.com/gslbsim/gslbsim/sim/scenario"
)

// Files are the scenario files, each with the topology and the manifests that it refers to.
//
//go:embed *.yaml topologies failover
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
