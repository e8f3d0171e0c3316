// Package charttest renders the operator's Helm chart in tests, as `helm template` does: values are checked against the
// chart's schema, and what comes out is returned as objects.
package charttest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Release says what is installed.
type Release struct {
	// Folder is that of the chart.
	Folder string
	// Namespace is that of the release; empty means avi-system.
	Namespace string
	// Values are what the user gives, as YAML.
	Values string
}

// Rendered is what a chart makes.
type Rendered struct {
	// Objects are those that are applied, in the order of their files. The definitions in folder crds are not among them.
	Objects []*unstructured.Unstructured
	// Notes are what the user reads after the installation.
	Notes string
}

// Render renders the chart. The error is that of the schema, of a template, or of what came out.
func (r Release) Render() (*Rendered, error) {
	chart, err := loader.LoadDir(r.Folder)
	if err != nil {
		return nil, err
	}
	values, err := chartutil.ReadValues([]byte(r.Values))
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	namespace := r.Namespace
	if namespace == "" {
		namespace = "avi-system"
	}
	options := chartutil.ReleaseOptions{Name: "gslb", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	out := &Rendered{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case path.Base(name) == "NOTES.txt":
			out.Notes = files[name]
		case strings.HasSuffix(name, ".yaml"):
			if err := out.read(name, files[name]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// read reads the objects of a rendered file.
func (r *Rendered) read(name, content string) error {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		raw, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if string(raw) == "null" {
			continue // nothing but comments
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(raw); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.Objects = append(r.Objects, o)
	}
}

// Get returns the object of a kind and name, nil if there is none.
func (r *Rendered) Get(kind, name string) *unstructured.Unstructured {
	for _, o := range r.Objects {
		if o.GetKind() == kind && o.GetName() == name {
			return o
		}
	}
	return nil
}
