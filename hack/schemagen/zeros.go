package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// zeroDefaults finds the defaults which are false or 0. The OpenAPI files leave those out (a field without `default` may have
// the default false or none at all); the Java models in the same module tell the two apart by their initialisers.
type zeroDefaults struct{ dir string }

var (
	javaField = regexp.MustCompile(
		`@JsonProperty\("([^"]+)"\)\s*private \S+ \w+ = (false|0|0L|0\.0f?|0f);`)
)

// of returns the fields of a message whose default is a zero. A message without a Java model has none that are known.
func (z zeroDefaults) of(message string) (map[string]any, error) {
	data, err := os.ReadFile(filepath.Join(z.dir, message+".java"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, m := range javaField.FindAllStringSubmatch(string(data), -1) {
		if m[2] == "false" {
			out[m[1]] = false
		} else {
			out[m[1]] = 0.0
		}
	}
	return out, nil
}
