package crds_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// draw makes values of a spec from a seeded stream. A nil value is left out.
type draw struct{ *rand.Rand }

func (d draw) one(values ...any) any { return values[d.IntN(len(values))] }

// object makes a map of the fields that are not nil.
func object(fields map[string]any) map[string]any {
	for key, value := range fields {
		if value == nil {
			delete(fields, key)
		}
	}
	return fields
}

// rarely is the first value one time in eight, else the second.
func (d draw) rarely(value, usual any) any {
	if d.IntN(8) == 0 {
		return value
	}
	return usual
}

func (d draw) refs() any {
	var list []any
	for range d.IntN(9) {
		list = append(list, "hm")
	}
	return d.rarely(list, nil)
}

func (d draw) algorithm() any {
	const rr, hash, geo, topo = "GSLB_ALGORITHM_ROUND_ROBIN", "GSLB_ALGORITHM_CONSISTENT_HASH", "GSLB_ALGORITHM_GEO", "GSLB_ALGORITHM_TOPOLOGY"
	if d.IntN(3) == 0 {
		return nil
	}
	var fallback any
	if d.IntN(2) == 0 {
		fallback = object(map[string]any{"lbAlgorithm": d.one(rr, hash, nil), "hashMask": d.one(nil, int64(8))})
	}
	return object(map[string]any{
		"lbAlgorithm": d.one(rr, hash, geo, topo, geo, nil), "hashMask": d.one(nil, int64(31)), "geoFallback": fallback,
	})
}

func (d draw) downResponse() any {
	if d.IntN(2) == 0 {
		return nil
	}
	const prefix = "GSLB_SERVICE_DOWN_RESPONSE_"
	return object(map[string]any{
		"type":       prefix + d.one("NONE", "ALL_RECORDS", "FALLBACK_IP", "FALLBACK_IP", "EMPTY").(string),
		"fallbackIP": d.one(nil, "", "192.0.2.1", "2001:db8::1", "192.0.2", "host"),
	})
}

func (d draw) label() any {
	if d.IntN(4) > 0 {
		return map[string]any{"label": map[string]any{"app": "gslb"}}
	}
	return map[string]any{"label": map[string]any{d.one("app", "").(string): d.one("gslb", "")}}
}

func (d draw) policy() map[string]any {
	return object(map[string]any{
		"matchRules":            object(map[string]any{"appSelector": d.one(nil, d.label()), "namespaceSelector": d.one(nil, d.label())}),
		"trafficSplit":          []any{object(map[string]any{"weight": d.one(nil, int64(20)), "priority": d.one(nil, int64(0), int64(100))})},
		"healthMonitorRefs":     d.refs(),
		"healthMonitorTemplate": d.rarely("t", nil),
		"sitePersistenceRef":    d.rarely("", d.one(nil, "p")),
		"pkiProfileRef":         d.rarely("", d.one(nil, "p")),
		"poolAlgorithmSettings": d.algorithm(),
		"downResponse":          d.downResponse(),
	})
}

func (d draw) hostRule() map[string]any {
	address := func() any { return d.rarely("host", d.one("192.0.2.1", "2001:db8::1")) }
	var third []any
	if d.IntN(3) == 0 {
		third = []any{object(map[string]any{"site": "s", "vip": d.rarely(nil, address()), "publicIP": d.one(nil, "", address())})}
	}
	return object(map[string]any{
		"fqdn":              d.rarely(d.one(nil, ""), "a.b"),
		"thirdPartyMembers": third,
		"publicIP":          d.one(nil, []any{map[string]any{"cluster": "c", "ip": address()}}),
		"sitePersistence": d.one(nil, object(map[string]any{
			"enabled": d.one(nil, true, false), "profileRef": d.one(nil, "", "p", "p"), "pkiProfileRef": d.rarely("", d.one(nil, "p")),
		})),
		"trafficSplit":          []any{object(map[string]any{"weight": d.one(nil, int64(1)), "priority": d.rarely(int64(101), d.one(nil, int64(0), int64(100)))})},
		"healthMonitorRefs":     d.refs(),
		"healthMonitorTemplate": d.rarely("t", nil),
		"poolAlgorithmSettings": d.algorithm(),
		"downResponse":          d.downResponse(),
	})
}

func (d draw) cluster() map[string]any {
	return object(map[string]any{
		"isLeader": d.one(nil, true, true, false), "clusterContext": d.rarely(d.one(nil, ""), "c1"), "version": d.rarely(d.one(nil, ""), "1"),
		"clusters": d.one(nil, []any{}, []any{"c1", "c2"}, []any{"c2"}),
	})
}

// The CEL rules of the strict definitions and package refusal decide equally
// over many random specs, and every rule decides at least one of them.
//
// Shows: crd-accepts
func TestRulesAndRefusalsAgree(t *testing.T) {
	const specs = 1500
	for _, test := range []struct {
		gvk      schema.GroupVersionKind
		draw     func(draw) map[string]any
		refusals func(content map[string]any) ([]refusal.Refusal, error)
	}{
		{v1alpha2.GroupVersion.WithKind("GlobalDeploymentPolicy"), draw.policy, refusalsOf(refusal.GlobalDeploymentPolicy)},
		{v1alpha1.GroupVersion.WithKind("GSLBHostRule"), draw.hostRule, refusalsOf(refusal.GSLBHostRule)},
		{v1alpha1.GroupVersion.WithKind("AMKOCluster"), draw.cluster, refusalsOf(refusal.AMKOCluster)},
	} {
		t.Run(test.gvk.Kind, func(t *testing.T) {
			g := NewWithT(t)
			compatible, strict := validatorOf(t, crds.All(), test.gvk), validatorOf(t, crds.Strict(), test.gvk)
			fired := ruleMessages(crds.Strict(), test.gvk)
			g.Expect(fired).NotTo(BeEmpty())
			accepted := 0
			d := draw{rand.New(rand.NewPCG(1, 1))}
			for range specs {
				content := map[string]any{
					"apiVersion": test.gvk.GroupVersion().String(), "kind": test.gvk.Kind,
					"metadata": map[string]any{"name": "x", "namespace": "avi-system"}, "spec": test.draw(d),
				}
				compatible.Default(content)
				g.Expect(compatible.Validate(content, nil)).To(BeEmpty(), "%v", content)
				refused, err := test.refusals(content)
				g.Expect(err).NotTo(HaveOccurred())
				errs := strict.Validate(content, nil)
				g.Expect(len(errs) > 0).To(Equal(len(refused) > 0), "spec %v\nCEL rules: %v\nrefusals: %v", content["spec"], errs, refused)
				if len(errs) == 0 {
					accepted++
				}
				countRules(fired, errs)
			}
			g.Expect(accepted).To(BeNumerically(">", specs/50), "specs without fault have to be among the draws")
			for message, count := range fired {
				g.Expect(count).To(BeNumerically(">", 0), "no spec broke the rule %q", message)
			}
		})
	}
}

func refusalsOf[T any](decide func(*T) []refusal.Refusal) func(map[string]any) ([]refusal.Refusal, error) {
	return func(content map[string]any) ([]refusal.Refusal, error) {
		typed := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, typed); err != nil {
			return nil, err
		}
		return decide(typed), nil
	}
}

func validatorOf(t *testing.T, list []*apiextensionsv1.CustomResourceDefinition, gvk schema.GroupVersionKind) *validate.Validator {
	t.Helper()
	set, err := validate.Set(list)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return set[gvk]
}

// ruleMessages are the messages of all CEL rules of a kind, each with count 0.
func ruleMessages(list []*apiextensionsv1.CustomResourceDefinition, gvk schema.GroupVersionKind) map[string]int {
	messages := map[string]int{}
	var walk func(s *apiextensionsv1.JSONSchemaProps)
	walk = func(s *apiextensionsv1.JSONSchemaProps) {
		for _, rule := range s.XValidations {
			messages[rule.Message] = 0
		}
		for _, child := range s.Properties {
			walk(&child)
		}
		if s.Items != nil {
			walk(s.Items.Schema)
		}
	}
	for _, crd := range list {
		if crd.Spec.Names.Kind == gvk.Kind {
			walk(crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
		}
	}
	return messages
}

func countRules(fired map[string]int, errs field.ErrorList) {
	for _, err := range errs {
		if _, ok := fired[err.Detail]; ok {
			fired[err.Detail]++
		}
	}
}
