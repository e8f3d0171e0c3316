// Command features writes docs/features.md: which test shows which feature. Rows come from catalogue.yaml, tests say in
// their comments which rows they show. `make generate` runs it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run .

func main() {
	root := flag.String("root", "../..", "root of the module")
	flag.Parse()
	if err := write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "features:", err)
		os.Exit(1)
	}
}

// write writes the table. A row that no test shows is an error, as is a test that shows a row which does not exist.
func write(root string) error {
	table, err := build(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, output), table, 0o644)
}

// output is the file that is written, from the root of the module.
const output = "docs/features.md"

func build(root string) ([]byte, error) {
	catalogue, err := os.ReadFile(filepath.Join(root, "hack/features/catalogue.yaml"))
	if err != nil {
		return nil, err
	}
	sections, err := parseCatalogue(catalogue)
	if err != nil {
		return nil, err
	}
	shown, err := scan(root)
	if err != nil {
		return nil, err
	}
	return render(sections, shown)
}
