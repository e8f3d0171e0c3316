package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/lint"
)

// Limits of what is read: a file, and files in all.
const (
	sourceBytesMax = 32 << 20
	sourcesMax     = 10_000
)

// standardInput stands for standard input among files.
const standardInput = "-"

// readSources reads files, and what may be manifests or values in folders.
func readSources(names []string, stdin io.Reader) ([]lint.Source, error) {
	var sources []lint.Source
	seen := map[string]bool{}
	add := func(name string, named bool) error {
		if clean := filepath.Clean(name); seen[clean] {
			return nil
		} else if seen[clean] = true; len(seen) > sourcesMax {
			return fmt.Errorf("there are more than %d files: give fewer folders", sourcesMax)
		}
		data, err := readSource(name, stdin)
		if err != nil {
			return err
		}
		sources = append(sources, lint.Source{Name: sourceName(name), Data: data, Named: named})
		return nil
	}
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case name == standardInput:
			err = add(name, true)
		case err != nil:
			return nil, fmt.Errorf("%s cannot be read: %w", name, reason(err))
		case info.IsDir():
			err = walkSources(name, func(path string) error { return add(path, false) })
		default:
			err = add(name, true)
		}
		if err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// sourceName is how messages name a file.
func sourceName(name string) string {
	if name == standardInput {
		return "stdin"
	}
	return filepath.ToSlash(filepath.Clean(name))
}

func readSource(name string, stdin io.Reader) ([]byte, error) {
	r := stdin
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", name, reason(err))
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, sourceBytesMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", name, reason(err))
	case len(data) > sourceBytesMax:
		return nil, fmt.Errorf("%s is larger than %d MiB: split it", name, sourceBytesMax>>20)
	}
	return data, nil
}

// walkSources visits the files of a folder that may be manifests or values, in order. Hidden folders are left out, and the
// templates of charts: what they make is looked at after `helm template`.
func walkSources(root string, visit func(string) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be read: %w", path, reason(err))
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || isChartTemplates(path)):
			return filepath.SkipDir
		case entry.Type().IsRegular() && (slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) || entry.Name() == "gslb-members"):
			return visit(path)
		}
		return nil
	})
}

func isChartTemplates(path string) bool {
	if filepath.Base(path) != "templates" {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(path), "Chart.yaml"))
	return err == nil
}

// reason is an error of the file system without the path, which messages name already.
func reason(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
