package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

func TestDescribe(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       statement
	}{
		{"nothing", "Name of the object.", statement{}},
		{"enumeration", "The type. Enum options - A_ONE, B_TWO. Field introduced in 17.2.3. Allowed with any value.",
			statement{enum: []string{"A_ONE", "B_TWO"}, since: []string{"17.2.3"}}},
		{"range", "Mask. Allowed values are 1-31. Allowed with any value.", statement{allowed: []schema.Interval{{Low: 1, High: 31}}}},
		{"range with special values", "Time. Allowed values are 1-1440. Special values are 0 - Immediate, 1441 - Never.",
			statement{allowed: []schema.Interval{{Low: 1, High: 1440}, {Low: 0, High: 0}, {Low: 1441, High: 1441}}}},
		{"special values without a range bind nothing", "Time. Special values are 0 - infinite.", statement{}},
		{"signed range", "Latitude. Allowed values are -90-+90.", statement{allowed: []schema.Interval{{Low: -90, High: 90}}}},
		{"list of numbers", "Size. Allowed values are 1,2,4.",
			statement{allowed: []schema.Interval{{Low: 1, High: 1}, {Low: 2, High: 2}, {Low: 4, High: 4}}}},
		{"prose in place of a range", "Element. Allowed values are of the form 'ARGS name'.", statement{}},
		{"items", "List. Minimum of 1 items required. Maximum of 6 items allowed.", statement{itemsMin: 1, itemsMax: 6}},
		{"reference", "The pool. It is a reference to an object of type Pool. Field introduced in 18.2.8, 20.1.1.",
			statement{ref: "Pool", since: []string{"18.2.8", "20.1.1"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, describe(tc.text), cmp.AllowUnexported(statement{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The committed catalogue must be what the SDK's version in go.mod gives. Compressed bytes may differ between versions of Go, so the
// text inside is compared.
func TestCommittedCatalogueIsCurrent(t *testing.T) {
	dir, err := sdkDir()
	if err != nil {
		t.Skip("the SDK's module is not here: ", err)
	}
	fresh, _, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile(filepath.Join("..", "..", "fakeavi", "schema", "catalog.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(inflate(t, fresh), inflate(t, committed)) {
		t.Error("fakeavi/schema/catalog.gz is out of date, run: go generate ./fakeavi/schema")
	}
	again, _, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fresh, again) {
		t.Error("generating twice gives different bytes")
	}
}

func inflate(t *testing.T, data []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCompileRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(model, text string) {
		t.Helper()
		file := filepath.Join(dir, "swagger", model+".json")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("NoJSON", "{")
	write("NoDefinition", "{}")
	write("UnknownType", `{"definitions":{"UnknownType":{"properties":{"a":{"type":"date"}}}}}`)
	write("NoItems", `{"definitions":{"NoItems":{"properties":{"a":{"type":"array"}}}}}`)
	write("Dangling", `{"definitions":{"Dangling":{"properties":{"a":{"$ref":"#/definitions/Gone"}}}}}`)
	for _, model := range []string{"Missing", "NoJSON", "NoDefinition", "UnknownType", "NoItems", "Dangling"} {
		if _, err := compile(dir, []string{model}, nil); err == nil {
			t.Errorf("%s: no error", model)
		}
	}
}

func TestZeroDefaults(t *testing.T) {
	dir := t.TempDir()
	java := `
    @JsonProperty("off")
    private Boolean off = false;

    @JsonProperty("on")
    private Boolean on = true;

    @JsonProperty("none")
    private Integer none;

    @JsonProperty("zero")
    private Integer zero = 0;
`
	if err := os.WriteFile(filepath.Join(dir, "Thing.java"), []byte(java), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := zeroDefaults{dir: dir}.of("Thing")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"off": false, "zero": 0.0}, got); diff != "" {
		t.Error(diff)
	}
	if got, err := (zeroDefaults{dir: dir}).of("Other"); err != nil || got != nil {
		t.Errorf("a message without a Java model: %v, %v", got, err)
	}
}
