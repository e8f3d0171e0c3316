package manifest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	"github.com/gslbsim/gslbsim/operator/api"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// kinds are the kinds that are known to one Load.
type kinds struct {
	custom map[schema.GroupVersionKind]*validate.Validator
	// types has the Go types of custom kinds, where there are any.
	types *runtime.Scheme
}

// usual are the built-in kinds that errors name: those that GSLB is about.
var usual = []string{
	"v1 Namespace", "v1 Service", "v1 Secret", "v1 ConfigMap", "networking.k8s.io/v1 Ingress",
}

var operatorTypes = sync.OnceValue(func() *runtime.Scheme {
	types := runtime.NewScheme()
	// Registering fails only if two of the types share a name.
	if err := api.AddToScheme(types); err != nil {
		panic(fmt.Sprintf("manifest: API types: %v", err))
	}
	return types
})

var operatorKinds = sync.OnceValues(func() (*kinds, error) { return newKinds(crds.All()) })

// kindsOf makes the known kinds of some CRDs, nil meaning the operator's.
func kindsOf(list []*apiextensionsv1.CustomResourceDefinition) (*kinds, error) {
	if list == nil {
		return operatorKinds()
	}
	return newKinds(list)
}

func newKinds(list []*apiextensionsv1.CustomResourceDefinition) (*kinds, error) {
	custom, err := validate.Set(list)
	if err != nil {
		return nil, err
	}
	return &kinds{custom: custom, types: operatorTypes()}, nil
}

// builtin returns the Go type of a built-in kind. Helper kinds, such as options
// and lists, are no kinds of objects.
func builtin(gvk schema.GroupVersionKind) (runtime.Object, bool) {
	if gvk == apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition") {
		return &apiextensionsv1.CustomResourceDefinition{}, true
	}
	object, err := clientgoscheme.Scheme.New(gvk)
	if err != nil {
		return nil, false
	}
	if _, ok := object.(metav1.Object); !ok {
		return nil, false
	}
	return object, true
}

// removed says what to use in place of a built-in version that Kubernetes no
// longer serves.
func removed(object runtime.Object) (remedy string, ok bool) {
	life, ok := object.(interface{ APILifecycleRemoved() (int, int) })
	if !ok {
		return "", false
	}
	major, minor := life.APILifecycleRemoved()
	// The API types are those of Kubernetes 1.37.
	if major > 1 || minor > 37 {
		return "", false
	}
	if r, ok := object.(interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}); ok {
		return "use " + kindText(r.APILifecycleReplacement()), true
	}
	return "", true
}

// kindText is a kind as in a manifest: "networking.k8s.io/v1 Ingress".
func kindText(gvk schema.GroupVersionKind) string {
	return gvk.GroupVersion().String() + " " + gvk.Kind
}

// unknownRemedy says which kind was most likely meant, or which there are.
func (k *kinds) unknownRemedy(gvk schema.GroupVersionKind) string {
	var names, same []string
	for known := range k.custom {
		names = append(names, kindText(known))
		if strings.EqualFold(known.Kind, gvk.Kind) {
			same = append(same, kindText(known))
		}
	}
	for _, version := range clientgoscheme.Scheme.PreferredVersionAllGroups() {
		if object, ok := builtin(version.WithKind(gvk.Kind)); ok {
			if _, gone := removed(object); !gone {
				same = append(same, kindText(version.WithKind(gvk.Kind)))
			}
		}
	}
	slices.Sort(names)
	slices.Sort(same)
	names = append(names, usual...)
	if len(same) > 0 {
		return "use " + strings.Join(same, " or ")
	}
	if guess := Nearest(kindText(gvk), names); guess != "" {
		return "did you mean " + guess + "?"
	}
	for _, name := range names {
		_, kind, _ := strings.Cut(name, " ")
		if Nearest(gvk.Kind, []string{kind}) != "" {
			return "did you mean " + name + "?"
		}
	}
	return "known are " + strings.Join(names, ", ") + ", and the other kinds of Kubernetes itself"
}

// clusterScoped are the built-in kinds without namespace, by group and kind.
var clusterScoped = map[schema.GroupKind]bool{
	{Kind: "Namespace"}:        true,
	{Kind: "Node"}:             true,
	{Kind: "PersistentVolume"}: true,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration"}:     true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}:        true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"}: true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration"}:   true,
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:                 true,
	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest"}:                 true,
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "FlowSchema"}:                       true,
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "PriorityLevelConfiguration"}:       true,
	{Group: "networking.k8s.io", Kind: "IngressClass"}:                                true,
	{Group: "networking.k8s.io", Kind: "IPAddress"}:                                   true,
	{Group: "networking.k8s.io", Kind: "ServiceCIDR"}:                                 true,
	{Group: "node.k8s.io", Kind: "RuntimeClass"}:                                      true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:                         true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}:                  true,
	{Group: "resource.k8s.io", Kind: "DeviceClass"}:                                   true,
	{Group: "resource.k8s.io", Kind: "ResourceSlice"}:                                 true,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:                               true,
	{Group: "storage.k8s.io", Kind: "CSIDriver"}:                                      true,
	{Group: "storage.k8s.io", Kind: "CSINode"}:                                        true,
	{Group: "storage.k8s.io", Kind: "StorageClass"}:                                   true,
	{Group: "storage.k8s.io", Kind: "VolumeAttachment"}:                               true,
	{Group: "storage.k8s.io", Kind: "VolumeAttributesClass"}:                          true,
}
