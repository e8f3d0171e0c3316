package manifest_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/manifest"
)

// FuzzLoad shows that Load never panics, that its errors are within the text,
// and that it gives the same answer twice.
func FuzzLoad(f *testing.F) {
	for _, test := range faulty {
		f.Add([]byte(test.src))
	}
	files, err := filepath.Glob("testdata/labs/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("a: &a {<<: *a}\n"))
	f.Add([]byte("<<: {b: 1}\n? [x]\n: y\n"))
	strict := manifest.Options{CRDs: crds.Strict()}
	f.Fuzz(func(t *testing.T, src []byte) {
		documents, err := manifest.Load("f", src, manifest.Options{})
		_, again := manifest.Load("f", src, manifest.Options{})
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("two answers:\n%v\n%v", err, again)
		}
		checkErrors(t, err, len(src))
		for _, d := range documents {
			if line, _ := d.Position("spec.a[0].b"); line < 1 || line > len(src)+1 {
				t.Fatalf("line %d of a text of %d bytes", line, len(src))
			}
		}
		_, err = manifest.Load("f", src, strict)
		checkErrors(t, err, len(src))
	})
}

func checkErrors(t *testing.T, err error, size int) {
	if err == nil {
		return
	}
	var list manifest.Errors
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("an error of another type: %v", err)
	}
	for _, e := range list {
		if e.Problem == "" || e.Line < 0 || e.Line > size+1 {
			t.Fatalf("not a useful error: %+v", *e)
		}
	}
}
