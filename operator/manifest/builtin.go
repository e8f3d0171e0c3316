package manifest

import (
	"fmt"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// builtin checks a document of a built-in kind: first that it fits its Go type,
// then its metadata and the rules of its kind.
func (l *loader) builtin(doc *Document, object runtime.Object, metadataFits bool) {
	before := len(l.faults.list)
	for key, value := range sortedMap(doc.Object.Object) {
		if key != "metadata" {
			l.types(doc).field("", key, value, reflect.TypeOf(object).Elem())
		}
	}
	if len(l.faults.list) > before || l.faults.more || !metadataFits {
		return
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(doc.Object.Object, object); err != nil {
		l.at("", doc.place, "", "does not fit its kind: "+err.Error(), "")
		return
	}
	doc.Typed = object
	kind := doc.GroupVersionKind().GroupKind()
	errs := validation.ValidateObjectMetaAccessor(object.(metav1.Object), !clusterScoped[kind], nameRule(kind), field.NewPath("metadata"))
	for _, err := range append(errs, builtinRules(object)...) {
		l.fieldError(doc, err, nil)
	}
}

// nameRule is the syntax of the names of a built-in kind.
func nameRule(kind schema.GroupKind) validation.ValidateNameFunc {
	switch {
	case kind.Group == "rbac.authorization.k8s.io":
		return func(name string, _ bool) []string {
			if strings.ContainsAny(name, "/%") || name == "." || name == ".." {
				return []string{"may not contain '/' or '%', nor be '.' or '..'"}
			}
			return nil
		}
	case kind == schema.GroupKind{Kind: "Namespace"}, kind == schema.GroupKind{Kind: "Service"}:
		return validation.NameIsDNSLabel
	default:
		return validation.NameIsDNSSubdomain
	}
}

// builtinRules are the API server's rules that matter for the kinds GSLB is
// about. Those of other kinds are not checked.
func builtinRules(object runtime.Object) field.ErrorList {
	switch object := object.(type) {
	case *networkingv1.Ingress:
		return ingressRules(object)
	case *corev1.Service:
		return serviceRules(object)
	}
	return nil
}

func ingressRules(ingress *networkingv1.Ingress) field.ErrorList {
	var errs field.ErrorList
	spec := field.NewPath("spec")
	if len(ingress.Spec.Rules) == 0 && ingress.Spec.DefaultBackend == nil {
		errs = append(errs, field.Required(spec, "add rules or a defaultBackend"))
	}
	if b := ingress.Spec.DefaultBackend; b != nil {
		errs = append(errs, backendRules(spec.Child("defaultBackend"), b)...)
	}
	for i, rule := range ingress.Spec.Rules {
		at := spec.Child("rules").Index(i)
		errs = append(errs, hostRules(at.Child("host"), rule.Host)...)
		if rule.HTTP == nil {
			continue
		}
		if len(rule.HTTP.Paths) == 0 {
			errs = append(errs, field.Required(at.Child("http", "paths"), ""))
		}
		for j := range rule.HTTP.Paths {
			errs = append(errs, pathRules(at.Child("http", "paths").Index(j), &rule.HTTP.Paths[j])...)
		}
	}
	for i, tls := range ingress.Spec.TLS {
		for j, host := range tls.Hosts {
			errs = append(errs, hostRules(spec.Child("tls").Index(i).Child("hosts").Index(j), host)...)
		}
	}
	return errs
}

// hostRules checks a host name, which may start with "*.".
func hostRules(at *field.Path, host string) field.ErrorList {
	if host == "" {
		return nil
	}
	check := utilvalidation.IsDNS1123Subdomain
	if strings.Contains(host, "*") {
		check = utilvalidation.IsWildcardDNS1123Subdomain
	}
	var errs field.ErrorList
	for _, problem := range check(host) {
		errs = append(errs, field.Invalid(at, host, problem))
	}
	return errs
}

var pathTypes = []networkingv1.PathType{
	networkingv1.PathTypeExact, networkingv1.PathTypeImplementationSpecific, networkingv1.PathTypePrefix,
}

func pathRules(at *field.Path, path *networkingv1.HTTPIngressPath) field.ErrorList {
	var errs field.ErrorList
	switch {
	case path.PathType == nil:
		errs = append(errs, field.Required(at.Child("pathType"), "add Exact, Prefix or ImplementationSpecific"))
	case *path.PathType == networkingv1.PathTypeExact, *path.PathType == networkingv1.PathTypePrefix:
		if !strings.HasPrefix(path.Path, "/") {
			errs = append(errs, field.Invalid(at.Child("path"), path.Path, "must start with /"))
		}
	case *path.PathType != networkingv1.PathTypeImplementationSpecific:
		errs = append(errs, field.NotSupported(at.Child("pathType"), *path.PathType, pathTypes))
	}
	return append(errs, backendRules(at.Child("backend"), &path.Backend)...)
}

func backendRules(at *field.Path, backend *networkingv1.IngressBackend) field.ErrorList {
	service := backend.Service
	switch {
	case service == nil && backend.Resource == nil:
		return field.ErrorList{field.Required(at, "add a service with name and port")}
	case service == nil:
		return nil
	case backend.Resource != nil:
		return field.ErrorList{field.Invalid(at, "", "may have a service or a resource, not both")}
	}
	at = at.Child("service")
	var errs field.ErrorList
	if service.Name == "" {
		errs = append(errs, field.Required(at.Child("name"), ""))
	}
	port := at.Child("port")
	switch {
	case service.Port.Name == "" && service.Port.Number == 0:
		errs = append(errs, field.Required(port, "add number or name"))
	case service.Port.Name != "" && service.Port.Number != 0:
		errs = append(errs, field.Invalid(port, "", "may have a number or a name, not both"))
	case service.Port.Name == "":
		errs = append(errs, portRules(port.Child("number"), service.Port.Number)...)
	}
	return errs
}

func portRules(at *field.Path, port int32) field.ErrorList {
	if port >= 1 && port <= 65535 {
		return nil
	}
	return field.ErrorList{field.Invalid(at, port, "must be between 1 and 65535")}
}

var (
	serviceTypes = []corev1.ServiceType{
		corev1.ServiceTypeClusterIP, corev1.ServiceTypeExternalName, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort,
	}
	protocols = []corev1.Protocol{corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP}
)

func serviceRules(service *corev1.Service) field.ErrorList {
	var errs field.ErrorList
	spec := field.NewPath("spec")
	switch service.Spec.Type {
	case "", corev1.ServiceTypeClusterIP, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort:
		if len(service.Spec.Ports) == 0 && service.Spec.ClusterIP != corev1.ClusterIPNone {
			errs = append(errs, field.Required(spec.Child("ports"), ""))
		}
	case corev1.ServiceTypeExternalName:
	default:
		errs = append(errs, field.NotSupported(spec.Child("type"), service.Spec.Type, serviceTypes))
	}
	seen := map[string]int{}
	for i, port := range service.Spec.Ports {
		at := spec.Child("ports").Index(i)
		errs = append(errs, portRules(at.Child("port"), port.Port)...)
		switch port.Protocol {
		case "", corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
		default:
			errs = append(errs, field.NotSupported(at.Child("protocol"), port.Protocol, protocols))
		}
		if port.Name == "" && len(service.Spec.Ports) > 1 {
			errs = append(errs, field.Required(at.Child("name"), "ports of a service with several need names"))
		}
		if first, ok := seen[port.Name]; ok && port.Name != "" {
			errs = append(errs, field.Invalid(at.Child("name"), port.Name, fmt.Sprintf("is the name of port %d too", first)))
		}
		seen[port.Name] = i
	}
	return errs
}
