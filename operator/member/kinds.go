package member

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/api"
	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// scheme knows the kinds that are read as Go types.
var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(api.AddToScheme(s))
	return s
}()

// kind is a kind of object that counts.
type kind struct {
	gvk      schema.GroupVersionKind
	resource string
	object   func() client.Object
	// optional says that a cluster whose user may not list the kind is read without it: AMKO's users had no need of the right.
	optional bool
	// read makes of an object what counts of it. The error says that it cannot be read; what is returned holds all the same.
	read func(cluster string, obj any) (give, error)
}

// give hands what counts of an object to the sink; gone says that the object was deleted.
type give func(to *joined, gone bool)

var (
	namespaces = kind{corev1.SchemeGroupVersion.WithKind("Namespace"), "namespaces",
		func() client.Object { return &corev1.Namespace{} }, false, readNamespace}
	services = kind{corev1.SchemeGroupVersion.WithKind("Service"), "services",
		func() client.Object { return &corev1.Service{} }, false, typed(model.LoadBalancer, ingest.FromService)}
	ingresses = kind{networkingv1.SchemeGroupVersion.WithKind("Ingress"), "ingresses",
		func() client.Object { return &networkingv1.Ingress{} }, false, typed(model.Ingress, ingest.FromIngress)}
	hostRules = kind{akov1beta1.GroupVersion.WithKind("HostRule"), "hostrules",
		func() client.Object { return &akov1beta1.HostRule{} }, false, readHostRule}
	oldHostRules = kind{akov1alpha1.GroupVersion.WithKind("HostRule"), "hostrules",
		func() client.Object { return &akov1alpha1.HostRule{} }, false, readHostRule}
	multiClusterIngresses = kind{akov1alpha1.GroupVersion.WithKind("MultiClusterIngress"), "multiclusteringresses",
		func() client.Object { return &akov1alpha1.MultiClusterIngress{} }, true, typed(model.MultiCluster, ingest.FromMultiClusterIngress)}
	routes = untyped(schema.GroupVersionKind{Group: "route.openshift.io", Version: "v1", Kind: "Route"}, "routes", false, readRoute)
)

// untyped is a kind that is read without a Go type.
func untyped(gvk schema.GroupVersionKind, resource string, optional bool, read func(string, any) (give, error)) kind {
	return kind{gvk, resource, func() client.Object {
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(gvk)
		return o
	}, optional, read}
}

// kinds are the kinds that the cluster serves. Where Routes are served Ingresses are not read: OpenShift makes a Route of
// each Ingress, and AKO serves these.
func (w *watch) kinds(ctx context.Context) ([]kind, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	served, lists := []kind{namespaces, services}, discovered{}
	choices := [][]kind{{routes, ingresses}, {hostRules, oldHostRules}, {multiClusterIngresses}}
	// Where there are no Gateways nobody asks for the many versions of what is attached to them.
	if ok, err := w.serves(ctx, gateways, lists); err != nil {
		return nil, err
	} else if ok {
		served = append(served, gateways)
		choices = append(choices, gatewayRoutes...)
	}
	for _, alternatives := range choices {
		for _, k := range alternatives {
			ok, err := w.serves(ctx, k, lists)
			if err != nil {
				return nil, err
			}
			if ok {
				served = append(served, k)
				break
			}
		}
	}
	return served, nil
}

// discovered are the resources of the group versions that were asked for.
type discovered map[schema.GroupVersion][]metav1.APIResource

func (w *watch) serves(ctx context.Context, k kind, known discovered) (bool, error) {
	gv := k.gvk.GroupVersion()
	if _, asked := known[gv]; !asked {
		list, err := w.discovery.ServerResourcesForGroupVersionWithContext(ctx, gv.String())
		switch {
		case apierrors.IsNotFound(err):
			known[gv] = nil
		case err != nil:
			return false, fmt.Errorf("cluster %s: %w", w.Name, err)
		default:
			known[gv] = list.APIResources
		}
	}
	served := slices.ContainsFunc(known[gv], func(r metav1.APIResource) bool { return r.Name == k.resource })
	if !served || !k.optional {
		return served, nil
	}
	return w.mayList(ctx, k)
}

// mayList says whether the cluster's user may list a kind. A user who may list may watch, wherever rights are given with care.
func (w *watch) mayList(ctx context.Context, k kind) (bool, error) {
	path := []string{"/apis", k.gvk.Group, k.gvk.Version, k.resource}
	err := w.discovery.RESTClient().Get().AbsPath(path...).Param("limit", "1").Do(ctx).Error()
	if apierrors.IsForbidden(err) {
		if !w.forbidden[k.resource] {
			w.log.Info("kind is left out, the kubeconfig's user may not list it", "kind", k.gvk.Kind, "group", k.gvk.Group)
			w.forbidden[k.resource] = true
		}
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cluster %s: list %s: %w", w.Name, k.resource, err)
	}
	return true, nil
}

func mapper(kinds []kind) meta.RESTMapper {
	m := meta.NewDefaultRESTMapper(nil)
	for _, k := range kinds {
		scope := meta.RESTScopeNamespace
		if k.resource == namespaces.resource {
			scope = meta.RESTScopeRoot
		}
		gvr := k.gvk.GroupVersion().WithResource(k.resource)
		m.AddSpecific(k.gvk, gvr, gvr, scope)
	}
	return m
}

func names(kinds []kind) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.gvk.GroupVersion().String()+"/"+k.gvk.Kind)
	}
	slices.Sort(out)
	return out
}

// typed reads objects of a Go type.
func typed[T any, P interface {
	*T
	client.Object
}](as model.Kind, extract func(cluster string, obj P) []ingest.Candidate) func(string, any) (give, error) {
	return func(cluster string, obj any) (give, error) {
		o, ok := obj.(P)
		if !ok {
			return nil, unexpected(cluster, obj)
		}
		key := ingest.Object{Cluster: cluster, Kind: as, Namespace: o.GetNamespace(), Name: o.GetName()}
		return candidatesOf(key, extract(cluster, o)), nil
	}
}

// candidatesOf gives the candidates of an object, none once it is gone.
func candidatesOf(key ingest.Object, candidates []ingest.Candidate) give {
	return func(to *joined, gone bool) {
		if gone {
			to.Object(key, nil)
		} else {
			to.Object(key, candidates)
		}
	}
}

func readRoute(cluster string, obj any) (give, error) {
	o, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil, unexpected(cluster, obj)
	}
	candidates, err := ingest.FromRoute(cluster, o)
	return candidatesOf(ingest.Object{Cluster: cluster, Kind: model.Route, Namespace: o.GetNamespace(), Name: o.GetName()}, candidates), err
}

func readNamespace(cluster string, obj any) (give, error) {
	o, ok := obj.(*corev1.Namespace)
	if !ok {
		return nil, unexpected(cluster, obj)
	}
	name, ns := o.Name, ingest.FromNamespace(o)
	return func(to *joined, gone bool) {
		if gone {
			to.Namespace(name, nil)
		} else {
			to.Namespace(name, ns)
		}
	}, nil
}

func readHostRule(cluster string, obj any) (give, error) {
	var hr *akov1beta1.HostRule
	switch o := obj.(type) {
	case *akov1beta1.HostRule:
		hr = o
	case *akov1alpha1.HostRule:
		hr = &akov1beta1.HostRule{ObjectMeta: o.ObjectMeta, Spec: o.Spec, Status: o.Status}
	default:
		return nil, unexpected(cluster, obj)
	}
	namespace, name, rule := hr.Namespace, hr.Name, ingest.FromHostRule(cluster, hr)
	return func(to *joined, gone bool) {
		if gone {
			to.HostRule(namespace, name, nil)
		} else {
			to.HostRule(namespace, name, rule)
		}
	}, nil
}

func unexpected(cluster string, obj any) error {
	return fmt.Errorf("cluster %s delivered an object of type %T, which was not asked for", cluster, obj)
}
