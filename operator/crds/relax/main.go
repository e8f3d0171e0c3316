// Command relax copies CustomResourceDefinition files without what the strict
// definitions add to AMKO's: the CEL rules, and the bounds on lengths of specs.
//
// Usage: relax <from> <to>
//
// Every .yaml file of folder <from> is written to folder <to> under the same
// name. Nothing else is changed.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: relax <from> <to>")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "relax:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	names, err := filepath.Glob(filepath.Join(from, "*.yaml"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("no .yaml files in " + from + ": run controller-gen first")
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out, err := relax(src)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(name)), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// strictOnly are the parts of a schema that only the strict form has.
var strictOnly = []string{"x-kubernetes-validations", "maxItems", "maxLength", "maxProperties"}

// relax returns a definition without the strict parts of its specs.
func relax(src []byte) ([]byte, error) {
	var definition map[string]any
	if err := yaml.Unmarshal(src, &definition); err != nil {
		return nil, err
	}
	versions, _, err := unstructured.NestedSlice(definition, "spec", "versions")
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		fields, ok := version.(map[string]any)
		if !ok {
			return nil, errors.New("spec.versions holds something else than versions")
		}
		spec, _, err := unstructured.NestedFieldNoCopy(fields, "schema", "openAPIV3Schema", "properties", "spec")
		if err != nil {
			return nil, err
		}
		drop(spec)
	}
	if err := unstructured.SetNestedSlice(definition, versions, "spec", "versions"); err != nil {
		return nil, err
	}
	out, err := yaml.Marshal(definition)
	return append([]byte("---\n"), out...), err
}

// drop removes the strict parts of a schema and of those within it. The fields
// that a schema declares are not parts of it, whatever their names.
func drop(tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for _, key := range strictOnly {
			delete(tree, key)
		}
		for key, child := range tree {
			if fields, ok := child.(map[string]any); ok && key == "properties" {
				for _, schema := range fields {
					drop(schema)
				}
				continue
			}
			drop(child)
		}
	case []any:
		for _, child := range tree {
			drop(child)
		}
	}
}
