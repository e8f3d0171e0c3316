package kube_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

const definitionURL = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// gadgetCRD returns the definition of widgets under another name.
func gadgetCRD(t *testing.T, change func(*apiextensionsv1.CustomResourceDefinition)) string {
	t.Helper()
	crd := widgetCRD(t)
	crd.Name = "gadgets.example.com"
	crd.Spec.Names = apiextensionsv1.CustomResourceDefinitionNames{Plural: "gadgets", Kind: "Gadget"}
	if change != nil {
		change(crd)
	}
	body, err := json.Marshal(crd)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDefinitionsComeAndGo(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		gadgets := strings.Replace(widgetURL, "widgets", "gadgets", 1)
		gadget := strings.NewReplacer("Widget", "Gadget").Replace(widget("g", `{"size":5}`))
		must(t, 404, call(s, "GET", gadgets, ""))
		must(t, 201, call(s, "POST", definitionURL+"?dryRun=All", gadgetCRD(t, nil)))
		must(t, 404, call(s, "GET", gadgets, ""))
		must(t, 201, call(s, "POST", definitionURL, gadgetCRD(t, nil)))
		r := must(t, 200, call(s, "GET", definitionURL+"/gadgets.example.com", ""))
		g.Expect(r.get("spec", "names", "listKind")).To(Equal("GadgetList"))
		g.Expect(r.get("status", "acceptedNames", "singular")).To(Equal("gadget"))
		g.Expect(r.get("status", "storedVersions")).To(Equal("[v1]"))
		g.Expect(r.get("status", "conditions")).To(ContainSubstring("status:True type:Established"))
		g.Expect(r.get("metadata", "generation")).To(Equal("1"))
		g.Expect(call(s, "GET", "/apis/example.com/v1", "").Body.String()).To(ContainSubstring(`"gadgets"`))

		must(t, 201, call(s, "POST", gadgets, gadget))
		g.Expect(must(t, 200, call(s, "GET", gadgets, "")).get("kind")).To(Equal("GadgetList"))
		w := startWatch(t, config, gadgets+"?watch=true")
		g.Expect(w.events()).To(HaveLen(1))

		stricter := gadgetCRD(t, func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.ResourceVersion = r.get("metadata", "resourceVersion")
			spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
			size := spec.Properties["size"]
			size.Maximum = ptr(float64(4))
			spec.Properties["size"] = size
		})
		r = must(t, 200, call(s, "PUT", definitionURL+"/gadgets.example.com", stricter))
		g.Expect(r.get("metadata", "generation")).To(Equal("2"))
		must(t, 422, call(s, "POST", gadgets, strings.Replace(gadget, `"g"`, `"h"`, 1)))
		must(t, 200, call(s, "GET", gadgets+"/g", ""))

		must(t, 200, call(s, "DELETE", definitionURL+"/gadgets.example.com", ""))
		must(t, 404, call(s, "GET", gadgets, ""))
		g.Expect(w.events()).To(HaveExactElements(HavePrefix("DELETED g"), "END"))
		g.Expect(call(s, "GET", "/apis/example.com/v1", "").Body.String()).NotTo(ContainSubstring(`"gadgets"`))
		must(t, 201, call(s, "POST", definitionURL, gadgetCRD(t, nil)))
		g.Expect(call(s, "GET", gadgets, "").names()).To(BeEmpty())
	})
}

// TestConversionWebhookIsRefused, with the other definitions that cannot be served.
func TestConversionWebhookIsRefused(t *testing.T) {
	for want, change := range map[string]func(*apiextensionsv1.CustomResourceDefinition){
		`spec.conversion.strategy is "Webhook"; this server converts by "None" only`: func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.WebhookConverter}
		},
		`must be spec.names.plural and spec.group`: func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Name = "things.example.com" },
		`spec.names.kind is missing`:               func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Spec.Names.Kind = "" },
		`spec.versions: none is served`: func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Spec.Versions[0].Served, crd.Spec.Versions[1].Served = false, false
		},
		`no schema; add schema.openAPIV3Schema`: func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Spec.Versions[0].Schema = nil },
		`column "Size": JSON path "{"`: func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Spec.Versions[0].AdditionalPrinterColumns[0].JSONPath = "{"
		},
		`selectable field "spec": use a path of field names`: func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Spec.Versions[0].SelectableFields[0].JSONPath = "spec"
		},
		`secrets is a built-in resource of this server`: func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Name, crd.Spec.Group, crd.Spec.Names.Plural = "secrets.", "", "secrets"
		},
	} {
		t.Run(want, func(t *testing.T) {
			g := NewWithT(t)
			s := newServer(t)
			r := must(t, 422, call(s, "POST", definitionURL, gadgetCRD(t, change)))
			g.Expect(r.get("message")).To(ContainSubstring(want))
			crd := &apiextensionsv1.CustomResourceDefinition{}
			g.Expect(json.Unmarshal([]byte(gadgetCRD(t, change)), crd)).To(Succeed())
			_, err := kube.New(kube.Config{CRDs: []*apiextensionsv1.CustomResourceDefinition{crd}})
			g.Expect(err).To(MatchError(And(ContainSubstring("kube: CustomResourceDefinition"), ContainSubstring(want))))
		})
	}
}

func TestConfigErrors(t *testing.T) {
	for want, cfg := range map[string]kube.Config{
		"Config.CRDs[0] is nil":                            {CRDs: []*apiextensionsv1.CustomResourceDefinition{nil}},
		"Config.HistoryLimit is -1":                        {HistoryLimit: -1},
		"Config.WatchLag is -1":                            {WatchLag: -1},
		"Config.ObjectLimit is -1":                         {ObjectLimit: -1},
		"Config.BodyLimit is -1":                           {BodyLimit: -1},
		"Config.WatchDuration is -1ns":                     {WatchDuration: -1},
		"namespaces is among the built-in resources twice": {Builtins: []kube.Builtin{{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, Plural: "namespaces"}}},
		"client-go has no Go type for example.com/v1":      {Builtins: []kube.Builtin{{GroupVersionKind: widgetKind, Plural: "widgets"}}},
	} {
		_, err := kube.New(cfg)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
}

// TestOperatorDefinitions serves the definitions of the project's own operator.
func TestOperatorDefinitions(t *testing.T) {
	g := NewWithT(t)
	for name, all := range map[string][]*apiextensionsv1.CustomResourceDefinition{"compatible": crds.All(), "strict": crds.Strict()} {
		s, err := kube.New(kube.Config{CRDs: all})
		g.Expect(err).NotTo(HaveOccurred(), name)
		url := "/apis/amko.vmware.com/v1alpha1/namespaces/avi-system/gslbconfigs"
		must(t, 201, call(s, "POST", url, `{"apiVersion":"amko.vmware.com/v1alpha1","kind":"GSLBConfig","metadata":{"name":"gc-1"},"spec":{
			"gslbLeader":{"credentials":"gslb-avi-secret","controllerVersion":"22.1.3","controllerIP":"10.0.0.1"},
			"memberClusters":[{"clusterContext":"cluster1-admin"}],"refreshInterval":1800,"logLevel":"INFO"}}`))
		must(t, 422, call(s, "POST", url, `{"apiVersion":"amko.vmware.com/v1alpha1","kind":"GSLBConfig","metadata":{"name":"gc-2"},"spec":{"refreshInterval":"often"}}`))
	}
}

// recorder is a Validator that knows nothing and notes what it is asked.
type recorder struct{ calls []string }

func (r *recorder) note(call string, obj map[string]any) {
	if obj["apiVersion"] == nil || obj["kind"] == nil || obj["metadata"] == nil {
		call += " of a part"
	}
	r.calls = append(r.calls, call)
}
func (r *recorder) UnknownFields(obj map[string]any) []string { r.note("unknown", obj); return nil }
func (r *recorder) Prune(obj map[string]any)                  { r.note("prune", obj) }
func (r *recorder) Default(obj map[string]any)                { r.note("default", obj) }
func (r *recorder) Validate(obj, old map[string]any) field.ErrorList {
	r.note(map[bool]string{true: "create", false: "update"}[old == nil], obj)
	return nil
}
func (r *recorder) ValidateStatus(obj, old map[string]any) field.ErrorList {
	r.note("status", obj)
	return nil
}

func TestValidatorsAreAsked(t *testing.T) {
	g := NewWithT(t)
	r := &recorder{}
	s, err := kube.New(kube.Config{
		CRDs: []*apiextensionsv1.CustomResourceDefinition{widgetCRD(t)},
		Validators: func(*apiextensionsv1.CustomResourceDefinition) (map[string]kube.Validator, error) {
			return map[string]kube.Validator{"v1": r}, nil
		},
	})
	g.Expect(err).NotTo(HaveOccurred())
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{"anything":1}`)))
	must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"spec":{"size":99}}`, "Content-Type", mergePatch))
	must(t, 200, call(s, "PATCH", widgetURL+"/w/status", `{"status":{}}`, "Content-Type", mergePatch))
	g.Expect(r.calls).To(Equal([]string{
		"unknown", "prune", "default", "create", "unknown", "prune", "default", "update", "unknown", "prune", "default", "status",
	}))
	must(t, 201, call(s, "POST", strings.Replace(widgetURL, "/v1/", "/v1beta1/", 1),
		strings.Replace(widget("bare", `{"size":"big"}`), "/v1", "/v1beta1", 1)))
}
