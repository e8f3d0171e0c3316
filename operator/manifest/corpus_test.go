package manifest_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/manifest"
)

// What people write in their labs, comments, quotes, block texts and all, is
// accepted, by the strict definitions too.
//
// Shows: crd-accepts
func TestLabManifestsAreAccepted(t *testing.T) {
	files, err := filepath.Glob("testdata/labs/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no lab manifests", err)
	}
	want := map[string]int{"active-passive.yaml": 4, "every-property.yaml": 5, "home-lab.yaml": 4, "three-zones.yaml": 3}
	for _, file := range files {
		for name, opts := range map[string]manifest.Options{"compatible": {}, "strict": {CRDs: crds.Strict()}} {
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				g := NewWithT(t)
				src, err := os.ReadFile(file)
				g.Expect(err).NotTo(HaveOccurred())
				documents, err := manifest.Load(file, src, opts)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(documents).To(HaveLen(want[filepath.Base(file)]))
				for _, d := range documents {
					g.Expect(d.Typed).NotTo(BeNil(), d.Name())
				}
			})
		}
	}
}

// The operator's own definitions are manifests without fault.
func TestDefinitionsAreAccepted(t *testing.T) {
	files, err := filepath.Glob("../crds/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no definitions", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			g := NewWithT(t)
			src, err := os.ReadFile(file)
			g.Expect(err).NotTo(HaveOccurred())
			documents, err := manifest.Load(file, src, manifest.Options{})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(documents).To(HaveLen(1))
			g.Expect(documents[0].Namespace()).To(BeEmpty())
		})
	}
}
