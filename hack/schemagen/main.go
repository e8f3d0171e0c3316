// Command schemagen compiles the OpenAPI files of the official SDK's module into the catalogue that package
// fakeavi/schema embeds. Run it from the module's root:
//
//	go run ./hack/schemagen
//
// The output depends on the SDK's version in go.mod only; running it twice gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

const sdkModule = "github.com/vmware/alb-sdk"

func main() {
	out := flag.String("o", "fakeavi/schema/catalog.gz", "`file` to write")
	dir := flag.String("sdk", "", "`directory` of the SDK's module; the one in go.mod if empty")
	flag.Parse()
	if err := run(*dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(dir, out string) error {
	data, summary, err := generate(dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, data, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %s, %d bytes\n", out, summary, len(data))
	return nil
}

// generate returns the encoded catalogue and a line that says what is in it.
func generate(dir string) (data []byte, summary string, err error) {
	if dir == "" {
		if dir, err = sdkDir(); err != nil {
			return nil, "", err
		}
	}
	c, err := compile(dir, objectTypes, viewMessages)
	if err != nil {
		return nil, "", err
	}
	data, err = schema.Encode(c)
	if err != nil {
		return nil, "", err
	}
	fields := 0
	for _, m := range c.Messages {
		fields += len(m.Fields)
	}
	summary = fmt.Sprintf("API %s, %d types, %d messages, %d fields", c.Version, len(c.Types), len(c.Messages), fields)
	return data, summary, nil
}

// sdkDir asks the go command where the SDK's module is. It fails where the module is not downloaded.
func sdkDir() (string, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sdkModule)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find module %s: %w", sdkModule, err)
	}
	dir := strings.TrimSpace(string(text))
	if dir == "" {
		return "", fmt.Errorf("module %s is not in the module cache, run: go mod download %s", sdkModule, sdkModule)
	}
	return dir, nil
}
