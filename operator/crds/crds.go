// Package crds holds the CustomResourceDefinitions of the operator, generated
// from the types in operator/api, in two forms:
//
//   - All: what AMKO's own definitions accept is accepted. A policy that
//     contradicts itself is stored, and the operator refuses it in its status,
//     as AMKO does. Manifests written for AMKO apply unchanged.
//   - Strict: the same with CEL rules, so that the API server refuses what the
//     operator would refuse by looking at the object alone, and with the bounds
//     on lengths that keep the rules cheap enough for an API server. For
//     clusters where nothing but correct policies should be stored.
//
// The files in this folder and in folder strict can be applied with kubectl.
package crds

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// The strict files are made from the types, the others from the strict ones. The chart has copies; HostRules are AKO's to
// install.
//
//go:generate go tool -modfile=../../hack/tools/go.mod controller-gen object paths=../api/...
//go:generate go tool -modfile=../../hack/tools/go.mod controller-gen crd paths=../api/... output:crd:dir=strict
//go:generate go run ./relax strict .
//go:generate sh -c "cp amko.vmware.com_*.yaml ako.vmware.com_multiclusteringresses.yaml ako.vmware.com_serviceimports.yaml ../chart/crds/"

//go:embed *.yaml strict/*.yaml
var files embed.FS

var (
	compatible = sync.OnceValue(func() []*apiextensionsv1.CustomResourceDefinition { return decode(".") })
	strict     = sync.OnceValue(func() []*apiextensionsv1.CustomResourceDefinition { return decode("strict") })
)

// All returns the definitions that accept what AMKO's accept, ordered by name.
// The caller owns the copies. It is safe for concurrent use.
func All() []*apiextensionsv1.CustomResourceDefinition { return copies(compatible()) }

// Strict returns the definitions with CEL rules, ordered by name. The caller
// owns the copies. It is safe for concurrent use.
func Strict() []*apiextensionsv1.CustomResourceDefinition { return copies(strict()) }

// decode reads the embedded files of one folder. The files are generated and a
// test reads them all, so that a file which cannot be read is a broken build.
func decode(folder string) []*apiextensionsv1.CustomResourceDefinition {
	names, err := fs.Glob(files, path.Join(folder, "*.yaml"))
	if err != nil {
		panic(fmt.Sprintf("crds: embedded folder %s: %v", folder, err))
	}
	list := make([]*apiextensionsv1.CustomResourceDefinition, 0, len(names))
	for _, name := range names {
		src, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("crds: embedded file %s: %v", name, err))
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(src, crd); err != nil {
			panic(fmt.Sprintf("crds: embedded file %s: %v", name, err))
		}
		list = append(list, crd)
	}
	return list
}

func copies(list []*apiextensionsv1.CustomResourceDefinition) []*apiextensionsv1.CustomResourceDefinition {
	out := make([]*apiextensionsv1.CustomResourceDefinition, len(list))
	for i, crd := range list {
		out[i] = crd.DeepCopy()
	}
	return out
}
