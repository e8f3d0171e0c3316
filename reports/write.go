package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gslbsim/gslbsim/sim/result"
)

// Names of the files that Write makes.
const (
	HTMLFile   = "report.html"
	JSONFile   = "report.json"
	EventsFile = "events.jsonl"
	JUnitFile  = "junit.xml"
	CSVFile    = "answers.csv"
)

// maxFolder is the length of a folder's name in bytes.
const maxFolder = 100

// forms are the files in the order in which they are put into place. The page, which people open first, is last.
var forms = []struct {
	name  string
	write func(io.Writer, *result.Result) error
}{
	{JSONFile, JSON},
	{EventsFile, Events},
	{JUnitFile, JUnit},
	{CSVFile, CSV},
	{HTMLFile, HTML},
}

// Folder returns the folder for the reports of a scenario inside of parent. Whatever is no letter, digit, dot, dash or
// underscore in the scenario's name becomes a dash, leading dots go, and only the first 100 characters count, so that the
// folder is always a direct child of parent.
func Folder(parent, scenario string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, scenario)
	name = strings.TrimLeft(name, ".")
	name = name[:min(len(name), maxFolder)]
	return filepath.Join(parent, orElse(name, "unnamed"))
}

// Write makes dir where it is missing and puts report.html, report.json, events.jsonl, junit.xml and answers.csv into
// it, replacing older ones. files are their paths, the page first.
//
// A crash never leaves half a file: all five are first written beside their places and flushed to disk, and then renamed
// one after the other. On an error no file of dir has been replaced, unless it is a rename that failed; files is nil.
// Write blocks on the disk and must not be called inside of a virtual run.
func Write(dir string, r *result.Result) (files []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("reports: make the folder for the reports: %w; choose another one", err)
	}
	var staged []string
	defer func() {
		for _, temp := range staged {
			_ = os.Remove(temp) // gone already if it was renamed
		}
	}()
	for _, form := range forms {
		var b bytes.Buffer
		if err := form.write(&b, r); err != nil {
			return nil, err
		}
		temp, err := stage(dir, form.name, b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("reports: write %s into %s: %w", form.name, dir, err)
		}
		staged = append(staged, temp)
	}
	for i, form := range forms {
		place := filepath.Join(dir, form.name)
		if err := os.Rename(staged[i], place); err != nil {
			return nil, fmt.Errorf("reports: put %s into place: %w", form.name, err)
		}
		files = append(files, place)
	}
	last := len(files) - 1
	return append(files[last:], files[:last]...), nil
}

// stage writes a file beside the place of name and returns its path.
func stage(dir, name string, content []byte) (path string, err error) {
	f, err := os.CreateTemp(dir, "."+name+".*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	return f.Name(), errors.Join(err, f.Close())
}
