package validate_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

var (
	policyKind   = schema.GroupVersionKind{Group: "amko.vmware.com", Version: "v1alpha2", Kind: "GlobalDeploymentPolicy"}
	configKind   = schema.GroupVersionKind{Group: "amko.vmware.com", Version: "v1alpha1", Kind: "GSLBConfig"}
	ruleKind     = schema.GroupVersionKind{Group: "amko.vmware.com", Version: "v1alpha1", Kind: "GSLBHostRule"}
	hostRuleKind = schema.GroupVersionKind{Group: "ako.vmware.com", Version: "v1beta1", Kind: "HostRule"}
)

func Example() {
	set, err := validate.Set(crds.All())
	if err != nil {
		panic(err)
	}
	policy := set[policyKind]
	object := map[string]any{
		"apiVersion": "amko.vmware.com/v1alpha2", "kind": "GlobalDeploymentPolicy",
		"metadata": map[string]any{"name": "global-gdp", "namespace": "avi-system"},
		"spec": map[string]any{"trafficSplit": []any{
			map[string]any{"cluster": "east", "wieght": int64(8)},
			map[string]any{"cluster": "west", "weight": int64(21)},
		}},
	}
	fmt.Println(policy.UnknownFields(object))
	policy.Prune(object)
	policy.Default(object)
	fmt.Println(object["spec"])
	fmt.Println(policy.Validate(object, nil))
	// Output:
	// [spec.trafficSplit[0].wieght]
	// map[trafficSplit:[map[cluster:east priority:10 weight:1] map[cluster:west priority:10 weight:21]]]
	// [spec.trafficSplit[1].weight: Invalid value: 21: spec.trafficSplit[1].weight in body should be less than or equal to 20]
}

func set(t testing.TB, list []*apiextensionsv1.CustomResourceDefinition) map[schema.GroupVersionKind]*validate.Validator {
	t.Helper()
	validators, err := validate.Set(list)
	if err != nil {
		t.Fatal(err)
	}
	return validators
}

// objectOf makes an object of a kind with the fields of a YAML text.
func objectOf(t testing.TB, kind schema.GroupVersionKind, text string) map[string]any {
	t.Helper()
	object := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	object = runtime.DeepCopyJSON(integers(object).(map[string]any))
	object["apiVersion"], object["kind"] = kind.GroupVersion().String(), kind.Kind
	if object["metadata"] == nil {
		object["metadata"] = map[string]any{"name": "x", "namespace": "avi-system"}
	}
	return object
}

// integers makes int64 of whole numbers, as the API server's decoder does.
func integers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			value[key] = integers(child)
		}
	case []any:
		for i, child := range value {
			value[i] = integers(child)
		}
	case float64:
		if value == float64(int64(value)) {
			return int64(value)
		}
	}
	return value
}

func TestDefaults(t *testing.T) {
	for _, test := range []struct {
		name       string
		kind       schema.GroupVersionKind
		text, want string
	}{
		{"policy", policyKind, "spec: {trafficSplit: [{cluster: a}]}", "spec: {trafficSplit: [{cluster: a, weight: 1, priority: 10}]}"},
		{"host rule", ruleKind, "spec: {trafficSplit: [{cluster: a, weight: 5}]}", "spec: {trafficSplit: [{cluster: a, weight: 5, priority: 1}]}"},
		{"zero stays", policyKind, "spec: {trafficSplit: [{cluster: a, priority: 0}]}", "spec: {trafficSplit: [{cluster: a, weight: 1, priority: 0}]}"},
		{"null is absent", policyKind, "spec: {trafficSplit: [{cluster: a, priority: null}]}", "spec: {trafficSplit: [{cluster: a, weight: 1, priority: 10}]}"},
		{"AKO host rule", hostRuleKind, "spec: {virtualhost: {fqdn: a.b, gslb: {fqdn: c.d}}}",
			"spec: {virtualhost: {fqdn: a.b, fqdnType: Exact, gslb: {fqdn: c.d, includeAliases: false}}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := objectOf(t, test.kind, test.text)
			set(t, crds.All())[test.kind].Default(object)
			NewWithT(t).Expect(object).To(Equal(objectOf(t, test.kind, test.want)))
		})
	}
}

func TestPrune(t *testing.T) {
	for _, test := range []struct {
		name       string
		kind       schema.GroupVersionKind
		text, want string
		unknown    []string
	}{
		{"unknown fields", policyKind, "spec: {ttl: 5, tll: 6, trafficSplit: [{zone: a}]}\nextra: 1", "spec: {ttl: 5, trafficSplit: [{}]}",
			[]string{"extra", "spec.tll", "spec.trafficSplit[0].zone"}},
		{"labels are free", policyKind, "spec: {matchRules: {appSelector: {label: {any.key/x: y}}}}", "spec: {matchRules: {appSelector: {label: {any.key/x: y}}}}", nil},
		{"null without default", policyKind, "spec: {matchRules: null}", "spec: {}", nil},
		{"metadata", policyKind, "metadata: {name: x, namespace: avi-system, lables: {a: b}}\nspec: {}", "spec: {}", []string{"metadata.lables"}},
		{"AKO keeps what AMKO does not read", hostRuleKind, "spec: {virtualhost: {fqdn: a.b, wafPolicy: p, gslb: {x: y}}}",
			"spec: {virtualhost: {fqdn: a.b, wafPolicy: p, gslb: {}}}", []string{"spec.virtualhost.gslb.x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			v := set(t, crds.All())[test.kind]
			object := objectOf(t, test.kind, test.text)
			g.Expect(v.UnknownFields(object)).To(Equal(test.unknown))
			g.Expect(object).To(Equal(objectOf(t, test.kind, test.text)), "UnknownFields leaves the object alone")
			v.Prune(object)
			g.Expect(object).To(Equal(objectOf(t, test.kind, test.want)))
		})
	}
}

// fields are the fields and types of errors.
func fields(errs field.ErrorList) []string {
	list := make([]string, len(errs))
	for i, err := range errs {
		list[i] = err.Field + " " + string(err.Type)
	}
	return list
}

func TestCreate(t *testing.T) {
	for _, test := range []struct {
		name string
		kind schema.GroupVersionKind
		text string
		want []string
	}{
		{"right", policyKind, "spec: {ttl: 86400}", []string{}},
		{"no spec", policyKind, "{}", []string{"spec FieldValueRequired"}},
		{"range", policyKind, "spec: {ttl: 86401, trafficSplit: [{weight: 0, priority: 101}]}",
			[]string{"spec.trafficSplit[0].priority FieldValueInvalid", "spec.trafficSplit[0].weight FieldValueInvalid", "spec.ttl FieldValueInvalid"}},
		{"type", policyKind, `spec: {ttl: "5"}`, []string{"spec.ttl FieldValueTypeInvalid"}},
		{"fraction", policyKind, `spec: {ttl: 5.5}`, []string{"<nil> FieldValueInvalid", "spec.ttl FieldValueTypeInvalid"}}, // the schema package reports it twice
		{"enum", configKind, `spec: {logLevel: TRACE}`, []string{"spec.logLevel FieldValueNotSupported"}},
		{"host rule priority has no maximum", ruleKind, `spec: {trafficSplit: [{priority: 5000000000}]}`, []string{}},
		{"contradiction is the operator's", policyKind, `spec: {healthMonitorRefs: [a], healthMonitorTemplate: b}`, []string{}},
		{"name", policyKind, "metadata: {name: Bad_Name, namespace: avi-system}\nspec: {}", []string{"metadata.name FieldValueInvalid"}},
		{"no namespace", policyKind, "metadata: {name: x}\nspec: {}", []string{"metadata.namespace FieldValueRequired"}},
		{"metadata of a wrong type", policyKind, "metadata: {name: 5, namespace: avi-system}\nspec: {}", []string{"metadata FieldValueInvalid"}},
		{"condition twice", policyKind, `
spec: {}
status:
  conditions:
  - &c {type: Ready, status: "True", reason: Done, message: "", lastTransitionTime: "2024-01-01T00:00:00Z"}
  - *c`, []string{"status.conditions[1] FieldValueDuplicate"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			errs := set(t, crds.All())[test.kind].Validate(objectOf(t, test.kind, test.text), nil)
			NewWithT(t).Expect(fields(errs)).To(Equal(test.want), "%v", errs)
		})
	}
}

func TestOtherKindIsRefused(t *testing.T) {
	errs := set(t, crds.All())[policyKind].Validate(objectOf(t, ruleKind, "spec: {}"), nil)
	NewWithT(t).Expect(fields(errs)).To(Equal([]string{"kind FieldValueInvalid", "apiVersion FieldValueInvalid"}))
}

// AMKO writes its status by PUT of the whole object, with the status in its own
// form: such a write is valid with and without conditions beside it.
func TestAMKOStatusWritesAreValid(t *testing.T) {
	for _, test := range []struct {
		kind schema.GroupVersionKind
		text string
	}{
		{policyKind, "spec: {matchRules: {appSelector: {}, namespaceSelector: {}}}\nstatus: {errorStatus: success}"},
		{configKind, "spec: {gslbLeader: {}}\nstatus: {state: 'success: gslb config accepted'}"},
		{ruleKind, "spec: {fqdn: a.b}\nstatus: {error: x, status: Rejected}"},
		{ruleKind.GroupVersion().WithKind("AMKOCluster"), "spec: {}\nstatus: {conditions: [{type: GDP Federation, status: federated}, {type: GDP Federation, reason: x}]}"},
	} {
		t.Run(test.kind.Kind, func(t *testing.T) {
			g := NewWithT(t)
			v := set(t, crds.All())[test.kind]
			object := objectOf(t, test.kind, test.text)
			object["metadata"].(map[string]any)["resourceVersion"] = "7"
			g.Expect(v.Validate(object, object)).To(BeEmpty())
			g.Expect(v.ValidateStatus(object, object)).To(BeEmpty())
			g.Expect(v.HasStatus()).To(BeTrue())
		})
	}
}

// withVersion gives objects a resource version, which updates need.
func withVersion(objects ...map[string]any) {
	for _, object := range objects {
		object["metadata"].(map[string]any)["resourceVersion"] = "1"
	}
}

func TestUpdateForgivesOldFaults(t *testing.T) {
	g := NewWithT(t)
	v := set(t, crds.All())[policyKind]
	old := objectOf(t, policyKind, "spec: {ttl: 99999, trafficSplit: [{weight: 50}]}")
	same := objectOf(t, policyKind, "spec: {ttl: 99999, trafficSplit: [{weight: 50}], defaultDomain: a.b}")
	worse := objectOf(t, policyKind, "spec: {ttl: 99998, trafficSplit: [{weight: 50}]}")
	withVersion(old, same, worse)
	g.Expect(v.Validate(same, old)).To(BeEmpty())
	g.Expect(fields(v.Validate(worse, old))).To(Equal([]string{"spec.ttl FieldValueInvalid"}))
}

func TestUpdateKeepsIdentity(t *testing.T) {
	g := NewWithT(t)
	v := set(t, crds.All())[policyKind]
	old := objectOf(t, policyKind, "spec: {}")
	renamed := objectOf(t, policyKind, "metadata: {name: other, namespace: avi-system}\nspec: {}")
	unversioned := objectOf(t, policyKind, "spec: {}")
	withVersion(old, renamed)
	g.Expect(fields(v.Validate(renamed, old))).To(Equal([]string{"metadata.name FieldValueInvalid"}))
	g.Expect(fields(v.Validate(unversioned, old))).To(Equal([]string{"metadata.resourceVersion FieldValueInvalid"}))
}

func TestStatusWriteIgnoresSpec(t *testing.T) {
	g := NewWithT(t)
	v := set(t, crds.All())[policyKind]
	old := objectOf(t, policyKind, "spec: {ttl: 99999}")
	right := objectOf(t, policyKind, "spec: {ttl: 99999}\nstatus: {errorStatus: success}")
	wrong := objectOf(t, policyKind, "spec: {ttl: 99999}\nstatus: {errorStatus: 5}")
	withVersion(old, right, wrong)
	g.Expect(v.ValidateStatus(right, old)).To(BeEmpty())
	g.Expect(fields(v.ValidateStatus(wrong, old))).To(Equal([]string{"status.errorStatus FieldValueTypeInvalid"}))
}

func TestRules(t *testing.T) {
	contradiction := "spec: {healthMonitorRefs: [a], healthMonitorTemplate: b}"
	t.Run("are evaluated", func(t *testing.T) {
		g := NewWithT(t)
		errs := set(t, crds.Strict())[policyKind].Validate(objectOf(t, policyKind, contradiction), nil)
		g.Expect(fields(errs)).To(Equal([]string{"spec FieldValueInvalid"}))
		g.Expect(errs[0].Detail).To(Equal("health monitor reference and template cannot be specified together"))
	})
	t.Run("wait for types", func(t *testing.T) {
		g := NewWithT(t)
		errs := set(t, crds.Strict())[policyKind].Validate(objectOf(t, policyKind, "spec: {healthMonitorRefs: [a], healthMonitorTemplate: 5}"), nil)
		g.Expect(errs).To(HaveLen(2))
		g.Expect(errs[0].Detail).To(Equal(validate.RulesNotChecked))
		g.Expect(errs[1].Field).To(Equal("spec.healthMonitorTemplate"))
	})
	t.Run("forgive old faults", func(t *testing.T) {
		g := NewWithT(t)
		v := set(t, crds.Strict())[policyKind]
		old := objectOf(t, policyKind, "spec: {poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_GEO}}")
		next := objectOf(t, policyKind, "spec: {ttl: 5, poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_GEO}}")
		withVersion(old, next)
		g.Expect(v.Validate(old, nil)).NotTo(BeEmpty())
		g.Expect(v.Validate(next, old)).To(BeEmpty())
	})
}

// The schema packages walk maps; two runs must give equal bytes all the same.
func TestErrorsAreInOneOrder(t *testing.T) {
	g := NewWithT(t)
	v := set(t, crds.Strict())[ruleKind]
	text := `spec: {ttl: -1, fqdn: 5, trafficSplit: [{weight: 50, priority: -1}, {weight: 60}], publicIP: [{}, {}], downResponse: {}, poolAlgorithmSettings: {hashMask: 99, lbAlgorithm: x}}`
	first := v.Validate(objectOf(t, ruleKind, text), nil).ToAggregate().Error()
	for range 50 {
		g.Expect(v.Validate(objectOf(t, ruleKind, text), nil).ToAggregate().Error()).To(Equal(first))
	}
}

// Virtual runs are bubbles: nothing here may wait for what is outside of one.
func TestValidatesInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := set(t, crds.Strict())[ruleKind].Validate(objectOf(t, ruleKind, "spec: {}"), nil)
		NewWithT(t).Expect(fields(errs)).To(Equal([]string{"spec FieldValueInvalid"}))
	})
}

func TestConcurrentUse(t *testing.T) {
	g := NewWithT(t)
	v := set(t, crds.Strict())[ruleKind]
	var wg sync.WaitGroup
	found := make([]int, 16)
	for i := range found {
		object := objectOf(t, ruleKind, "spec: {fqdn: a.b, x: y, trafficSplit: [{priority: 101}]}")
		wg.Go(func() {
			v.Prune(object)
			v.Default(object)
			found[i] = len(v.Validate(object, nil))
		})
	}
	wg.Wait()
	for _, n := range found {
		g.Expect(n).To(Equal(1))
	}
}

func TestNewRefusesWhatItCannotApply(t *testing.T) {
	g := NewWithT(t)
	crd := crds.All()[0]
	_, err := validate.New(crd, "v9")
	g.Expect(err).To(MatchError("CRD hostrules.ako.vmware.com has no version v9"))
	crd.Spec.Versions[0].Schema = nil
	_, err = validate.New(crd, "v1alpha1")
	g.Expect(err).To(MatchError(ContainSubstring("add schema.openAPIV3Schema")))
}

func TestDescribe(t *testing.T) {
	g := NewWithT(t)
	policy, host := set(t, crds.All())[policyKind], set(t, crds.All())[hostRuleKind]

	weight, ok := policy.Describe("spec.trafficSplit[3].weight")
	g.Expect(ok).To(BeTrue())
	g.Expect(weight.Type).To(Equal("integer"))
	g.Expect(*weight.Minimum).To(Equal(1.0))
	g.Expect(*weight.Maximum).To(Equal(20.0))

	label, ok := policy.Describe("spec.matchRules.appSelector.label.app.kubernetes.io/name")
	g.Expect(ok).To(BeTrue())
	g.Expect(label.Type).To(Equal("string"))

	kind, ok := host.Describe("spec.virtualhost.fqdnType")
	g.Expect(ok).To(BeTrue())
	g.Expect(kind.Enum).To(Equal([]string{"Exact", "Wildcard", "Contains"}))

	virtualHost, ok := host.Describe("spec.virtualhost")
	g.Expect(ok).To(BeTrue())
	g.Expect(virtualHost.PreservesUnknown).To(BeTrue())
	g.Expect(virtualHost.Fields).To(ContainElements("fqdn", "gslb", "tls"))

	_, ok = policy.Describe("spec.nothing")
	g.Expect(ok).To(BeFalse())
	g.Expect(policy.FieldsNamed("hashMask")).To(Equal([]string{"spec.poolAlgorithmSettings.geoFallback.hashMask", "spec.poolAlgorithmSettings.hashMask"}))
}

func BenchmarkSet(b *testing.B) {
	list := crds.All()
	for b.Loop() {
		set(b, list)
	}
}

func BenchmarkWrite(b *testing.B) {
	text := "spec: {fqdn: a.b, ttl: 30, trafficSplit: [{cluster: a, weight: 5}, {cluster: b, weight: 1}]}"
	for name, list := range map[string][]*apiextensionsv1.CustomResourceDefinition{"compatible": crds.All(), "strict": crds.Strict()} {
		b.Run(name, func(b *testing.B) {
			v := set(b, list)[ruleKind]
			object := objectOf(b, ruleKind, text)
			for b.Loop() {
				v.Prune(object)
				v.Default(object)
				if errs := v.Validate(object, nil); len(errs) > 0 {
					b.Fatal(errs)
				}
			}
		})
	}
}

// BenchmarkFirstRules is the first write of a kind with CEL rules: it compiles
// them.
func BenchmarkFirstRules(b *testing.B) {
	list := crds.Strict()
	object := objectOf(b, ruleKind, "spec: {fqdn: a.b}")
	for b.Loop() {
		if errs := set(b, list)[ruleKind].Validate(object, nil); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}
