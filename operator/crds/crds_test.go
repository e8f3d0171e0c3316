package crds_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"

	"github.com/gslbsim/gslbsim/operator/crds"
)

func ExampleAll() {
	for _, crd := range crds.All() {
		for _, version := range crd.Spec.Versions {
			fmt.Println(crd.Name, version.Name, crd.Spec.Names.ShortNames)
		}
	}
	// Output:
	// hostrules.ako.vmware.com v1alpha1 [hostrule hr]
	// hostrules.ako.vmware.com v1beta1 [hostrule hr]
	// multiclusteringresses.ako.vmware.com v1alpha1 [mci]
	// serviceimports.ako.vmware.com v1alpha1 [si]
	// amkoclusters.amko.vmware.com v1alpha1 []
	// globaldeploymentpolicies.amko.vmware.com v1alpha2 [gdp]
	// gslbconfigs.amko.vmware.com v1alpha1 [gc]
	// gslbhostrules.amko.vmware.com v1alpha1 [ghr]
}

// The names are those of AMKO and AKO. GSLBConfig, GlobalDeploymentPolicy and
// GSLBHostRule have a status subresource, which they lack in AMKO.
func TestNamesAndSubresources(t *testing.T) {
	g := NewWithT(t)
	type row struct {
		kind, plural, version string
		storage, status       bool
	}
	var got []row
	for _, crd := range crds.All() {
		g.Expect(crd.Spec.Scope).To(Equal(apiextensionsv1.NamespaceScoped))
		for _, v := range crd.Spec.Versions {
			g.Expect(v.Served).To(BeTrue())
			status := v.Subresources != nil && v.Subresources.Status != nil
			got = append(got, row{crd.Spec.Names.Kind, crd.Spec.Names.Plural, v.Name, v.Storage, status})
		}
	}
	g.Expect(got).To(Equal([]row{
		{"HostRule", "hostrules", "v1alpha1", false, false},
		{"HostRule", "hostrules", "v1beta1", true, true},
		{"MultiClusterIngress", "multiclusteringresses", "v1alpha1", true, true},
		{"ServiceImport", "serviceimports", "v1alpha1", true, false},
		{"AMKOCluster", "amkoclusters", "v1alpha1", true, true},
		{"GlobalDeploymentPolicy", "globaldeploymentpolicies", "v1alpha2", true, true},
		{"GSLBConfig", "gslbconfigs", "v1alpha1", true, true},
		{"GSLBHostRule", "gslbhostrules", "v1alpha1", true, true},
	}))
}

// An API server takes the definitions, the cost of the CEL rules included.
func TestAPIServerAcceptsDefinitions(t *testing.T) {
	for name, list := range map[string][]*apiextensionsv1.CustomResourceDefinition{"compatible": crds.All(), "strict": crds.Strict()} {
		for _, crd := range list {
			t.Run(name+"/"+crd.Name, func(t *testing.T) {
				NewWithT(t).Expect(definitionErrors(t, crd)).To(BeEmpty())
			})
		}
	}
}

// The check above finds a rule that does not compile.
func TestAPIServerRefusesBrokenRule(t *testing.T) {
	crd := crds.Strict()[6]
	spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	spec.XValidations[0].Rule = "self.nothing == 1"
	crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"] = spec
	NewWithT(t).Expect(definitionErrors(t, crd)).NotTo(BeEmpty())
}

func definitionErrors(t *testing.T, crd *apiextensionsv1.CustomResourceDefinition) []string {
	t.Helper()
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(crd)
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(crd, internal, nil); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, err := range apiextensionsvalidation.ValidateCustomResourceDefinition(t.Context(), internal) {
		// The API server sets this field itself.
		if err.Field != "status.storedVersions" {
			texts = append(texts, err.Error())
		}
	}
	return texts
}

// The compatible definitions have no rules: AMKO's accept what the operator
// then refuses in the object's status.
func TestOnlyStrictDefinitionsHaveRules(t *testing.T) {
	g := NewWithT(t)
	hasRules := func(crd *apiextensionsv1.CustomResourceDefinition) bool {
		text, err := crd.Marshal()
		g.Expect(err).NotTo(HaveOccurred())
		return bytes.Contains(text, []byte("isIP(")) || bytes.Contains(text, []byte("(self."))
	}
	strict := 0
	for i, crd := range crds.All() {
		g.Expect(hasRules(crd)).To(BeFalse(), crd.Name)
		if hasRules(crds.Strict()[i]) {
			strict++
		}
	}
	g.Expect(strict).To(Equal(3), "policy, host rule and cluster")
}

func TestCallersOwnTheirCopies(t *testing.T) {
	g := NewWithT(t)
	crds.All()[0].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"] = apiextensionsv1.JSONSchemaProps{}
	crds.All()[0].Name = "changed"
	g.Expect(crds.All()[0].Name).To(Equal("hostrules.ako.vmware.com"))
	g.Expect(crds.All()[0].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Type).To(Equal("object"))
}

// tool returns the output of a generator of the module hack/tools, or skips the
// test where it cannot run, as on a machine without the tool's modules.
func tool(t *testing.T, args ...string) []byte {
	t.Helper()
	run := func(args ...string) ([]byte, error) {
		return exec.CommandContext(t.Context(), "go", append([]string{"tool", "-modfile=../../hack/tools/go.mod", "controller-gen"}, args...)...).CombinedOutput()
	}
	if out, err := run("--version"); err != nil {
		t.Skipf("controller-gen cannot run here: %v\n%s", err, out)
	}
	out, err := run(args...)
	if err != nil {
		t.Fatalf("controller-gen %v: %v\n%s", args, err, out)
	}
	return out
}

const regenerate = "run go generate ./operator/crds"

func TestDefinitionFilesAreCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds controller-gen")
	}
	dir := t.TempDir()
	strict := filepath.Join(dir, "strict")
	tool(t, "crd", "paths=../api/...", "output:crd:dir="+strict)
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./relax", strict, dir).CombinedOutput(); err != nil {
		t.Fatalf("relax: %v\n%s", err, out)
	}
	expectSameFiles(t, dir, ".")
	expectSameFiles(t, strict, "strict")
}

func expectSameFiles(t *testing.T, want, got string) {
	t.Helper()
	g := NewWithT(t)
	names := func(folder string) []string {
		paths, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		g.Expect(err).NotTo(HaveOccurred())
		for i := range paths {
			paths[i] = filepath.Base(paths[i])
		}
		return paths
	}
	g.Expect(names(got)).To(Equal(names(want)), regenerate)
	for _, name := range names(want) {
		fresh, err := os.ReadFile(filepath.Join(want, name))
		g.Expect(err).NotTo(HaveOccurred())
		kept, err := os.ReadFile(filepath.Join(got, name))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(kept)).To(Equal(string(fresh)), "%s: %s", name, regenerate)
	}
}

func TestDeepCopyFilesAreCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds controller-gen")
	}
	g := NewWithT(t)
	fresh := tool(t, "object", "paths=../api/...", "output:object:stdout")
	kept, err := filepath.Glob("../api/*/*/zz_generated.deepcopy.go")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(kept).To(HaveLen(4))
	for _, name := range kept {
		text, err := os.ReadFile(name)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(bytes.Contains(fresh, text)).To(BeTrue(), "%s: %s", name, regenerate)
	}
}
