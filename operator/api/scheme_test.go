package api_test

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gslbsim/gslbsim/operator/api"
	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

func ExampleAddToScheme() {
	scheme := runtime.NewScheme()
	if err := api.AddToScheme(scheme); err != nil {
		panic(err)
	}
	kinds, _, err := scheme.ObjectKinds(&amkov1alpha2.GlobalDeploymentPolicy{})
	if err != nil {
		panic(err)
	}
	fmt.Println(kinds[0])
	// Output:
	// amko.vmware.com/v1alpha2, Kind=GlobalDeploymentPolicy
}

func TestAllKindsAndListsAreRegistered(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(api.AddToScheme(scheme)).To(Succeed())
	g.Expect(api.AddToScheme(scheme)).To(Succeed(), "a second registration does no harm")
	for version, kinds := range map[schema.GroupVersion][]string{
		amkov1alpha1.GroupVersion: {"GSLBConfig", "GSLBHostRule", "AMKOCluster"},
		amkov1alpha2.GroupVersion: {"GlobalDeploymentPolicy"},
		akov1alpha1.GroupVersion:  {"HostRule", "MultiClusterIngress", "ServiceImport"},
		akov1beta1.GroupVersion:   {"HostRule"},
	} {
		for _, kind := range kinds {
			for _, name := range []string{kind, kind + "List"} {
				_, err := scheme.New(version.WithKind(name))
				g.Expect(err).NotTo(HaveOccurred())
			}
		}
	}
}

// What a user left out must stay out when the object is written again, by way
// of JSON or of an unstructured object: an empty selector is not an absent one.
func TestEmptyFieldsAreNotWritten(t *testing.T) {
	for _, test := range []struct {
		object runtime.Object
		want   string
	}{
		{&amkov1alpha2.GlobalDeploymentPolicy{}, `{"metadata":{},"spec":{}}`},
		{&amkov1alpha1.GSLBHostRule{}, `{"metadata":{},"spec":{}}`},
		{&amkov1alpha1.GSLBConfig{}, `{"metadata":{},"spec":{}}`},
		{&amkov1alpha1.AMKOCluster{}, `{"metadata":{}}`},
		{&akov1alpha1.ServiceImport{}, `{"metadata":{},"spec":{}}`},
	} {
		t.Run(fmt.Sprintf("%T", test.object), func(t *testing.T) {
			g := NewWithT(t)
			text, err := json.Marshal(test.object)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(text)).To(MatchJSON(test.want))

			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(test.object)
			g.Expect(err).NotTo(HaveOccurred())
			text, err = json.Marshal(content)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(text)).To(MatchJSON(test.want))
		})
	}
}

// Zero is a priority of its own: it must survive a round trip, and only an
// absent one becomes the default, which differs between policy and host rule.
func TestPriorityZeroIsNotTheDefault(t *testing.T) {
	g := NewWithT(t)
	zero := int64(0)
	text, err := json.Marshal(amkov1alpha2.TrafficSplitElem{Priority: &zero})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(MatchJSON(`{"priority":0}`))

	g.Expect(amkov1alpha2.TrafficSplitElem{Priority: &zero}.PriorityOrDefault()).To(Equal(int64(0)))
	g.Expect(amkov1alpha2.TrafficSplitElem{}.PriorityOrDefault()).To(Equal(int64(10)))
	g.Expect(amkov1alpha2.TrafficSplitElem{}.WeightOrDefault()).To(Equal(int64(1)))
	g.Expect(amkov1alpha1.TrafficSplitElem{Priority: &zero}.PriorityOrDefault()).To(Equal(int64(0)))
	g.Expect(amkov1alpha1.TrafficSplitElem{}.PriorityOrDefault()).To(Equal(int64(1)))
	g.Expect(amkov1alpha1.TrafficSplitElem{}.WeightOrDefault()).To(Equal(int64(1)))
}
