package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is a part of the table.
type section struct {
	Section string `yaml:"section"`
	// Source says where the rows come from.
	Source string `yaml:"source"`
	Rows   []row  `yaml:"rows"`
}

// row is something that tests show.
type row struct {
	// ID is what tests call the row. It has no spaces and no commas.
	ID string `yaml:"id"`
	// Says is what holds.
	Says string `yaml:"says"`
	// Missing is why no test shows it; such a row is listed as a gap, and must not have a test.
	Missing string `yaml:"missing,omitempty"`
}

// parseCatalogue reads the catalogue. Identifiers must be unique, and every row must say something.
func parseCatalogue(text []byte) ([]section, error) {
	var sections []section
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&sections); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	seen := map[string]bool{}
	var problems []error
	for _, s := range sections {
		for _, r := range s.Rows {
			switch {
			case r.ID == "" || strings.ContainsAny(r.ID, " ,"):
				problems = append(problems, fmt.Errorf("catalogue: section %q: %q is no identifier", s.Section, r.ID))
			case seen[r.ID]:
				problems = append(problems, fmt.Errorf("catalogue: %s is there twice", r.ID))
			case strings.TrimSpace(r.Says) == "":
				problems = append(problems, fmt.Errorf("catalogue: %s says nothing", r.ID))
			}
			seen[r.ID] = true
		}
	}
	return sections, errors.Join(problems...)
}
