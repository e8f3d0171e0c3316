package kube

import (
	"encoding/base64"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// rules are what the API server does to one kind beyond its type. Only what GSLB tooling can notice is here: the doc
// comment of the package lists what is left out.
type rules struct {
	validName validation.ValidateNameFunc
	// createOnUpdate lets a PUT create the object.
	createOnUpdate bool
	// needsVersion makes a PUT without resource version fail.
	needsVersion bool
	// initialStatus is what a status is when its object is created, whatever the client sends; nil: nothing.
	initialStatus func() map[string]any
	// setDefaults fills in what is missing. It runs whenever an object is decoded.
	setDefaults func(*draft)
	// validate returns what is wrong with a draft.
	validate func(*draft) field.ErrorList
}

func rulesOf(gk schema.GroupKind) rules {
	r := rules{validName: validation.NameIsDNSSubdomain}
	switch gk.String() {
	case "Namespace":
		r.validName = validation.NameIsDNSLabel
		r.setDefaults = labelNamespace
		r.initialStatus = func() map[string]any { return map[string]any{"phase": "Active"} }
	case "Secret":
		r.setDefaults = defaultSecret
	case "Service":
		r.validName = validation.NameIsDNSLabel
		r.setDefaults = defaultService
		r.validate = validateService
	case "Event", "Event.events.k8s.io":
		r.createOnUpdate = true
	case "Lease.coordination.k8s.io":
		r.createOnUpdate, r.needsVersion = true, true
	case "Ingress.networking.k8s.io":
		r.validate = validateIngress
	case "Role.rbac.authorization.k8s.io", "RoleBinding.rbac.authorization.k8s.io",
		"ClusterRole.rbac.authorization.k8s.io", "ClusterRoleBinding.rbac.authorization.k8s.io":
		r.validName = func(string, bool) []string { return nil } // any path segment, which is checked for every kind
	}
	return r
}

// customRules are those of custom resources.
func customRules() rules {
	return rules{validName: validation.NameIsDNSSubdomain, needsVersion: true}
}

func setDefault(obj map[string]any, value any, path ...string) {
	current, found, err := unstructured.NestedFieldNoCopy(obj, path...)
	if err == nil && (!found || current == nil || current == "") {
		_ = unstructured.SetNestedField(obj, value, path...) // fails only where validation refuses the object
	}
}

// labelNamespace sets the label by which selectors find a namespace of a given name.
func labelNamespace(d *draft) {
	if d.meta.Name == "" {
		return // until the name has been generated
	}
	if d.meta.Labels == nil {
		d.meta.Labels = map[string]string{}
	}
	d.meta.Labels["kubernetes.io/metadata.name"] = d.meta.Name
}

// defaultSecret moves stringData, which is for writing only, into data.
func defaultSecret(d *draft) {
	setDefault(d.content, "Opaque", "type")
	plain, _ := d.content["stringData"].(map[string]any)
	delete(d.content, "stringData")
	if len(plain) == 0 {
		return
	}
	data, ok := d.content["data"].(map[string]any)
	if !ok {
		data = map[string]any{}
		d.content["data"] = data
	}
	for key, value := range plain {
		text, _ := value.(string)
		data[key] = base64.StdEncoding.EncodeToString([]byte(text))
	}
}

func defaultService(d *draft) {
	setDefault(d.content, "ClusterIP", "spec", "type")
	setDefault(d.content, "None", "spec", "sessionAffinity")
	spec, _ := d.content["spec"].(map[string]any)
	ports, _ := spec["ports"].([]any)
	for _, p := range ports {
		port, ok := p.(map[string]any)
		if !ok {
			continue
		}
		setDefault(port, "TCP", "protocol")
		if target := port["targetPort"]; target == nil || target == int64(0) || target == "" {
			port["targetPort"] = port["port"]
		}
	}
}

func validateService(d *draft) field.ErrorList {
	var errs field.ErrorList
	spec, _ := d.content["spec"].(map[string]any)
	path := field.NewPath("spec")
	kinds := []string{"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}
	kind, _ := spec["type"].(string)
	if kind != "ClusterIP" && kind != "ExternalName" && kind != "LoadBalancer" && kind != "NodePort" {
		errs = append(errs, field.NotSupported(path.Child("type"), kind, kinds))
	}
	ports, _ := spec["ports"].([]any)
	if len(ports) == 0 && spec["clusterIP"] != "None" && kind != "ExternalName" {
		errs = append(errs, field.Required(path.Child("ports"), ""))
	}
	for i, p := range ports {
		at := path.Child("ports").Index(i)
		port, _ := p.(map[string]any)
		number, _ := port["port"].(int64)
		for _, problem := range utilvalidation.IsValidPortNum(int(number)) {
			errs = append(errs, field.Invalid(at.Child("port"), number, problem))
		}
		if name, _ := port["name"].(string); name == "" && len(ports) > 1 {
			errs = append(errs, field.Required(at.Child("name"), ""))
		}
	}
	return errs
}

func validateIngress(d *draft) field.ErrorList {
	var errs field.ErrorList
	spec, _ := d.content["spec"].(map[string]any)
	path := field.NewPath("spec")
	rules, _ := spec["rules"].([]any)
	if spec["defaultBackend"] == nil && len(rules) == 0 {
		errs = append(errs, field.Invalid(path, rules, "either `defaultBackend` or `rules` must be specified"))
	}
	for i, r := range rules {
		rule, _ := r.(map[string]any)
		at := path.Child("rules").Index(i)
		if host, _ := rule["host"].(string); host != "" {
			errs = append(errs, validateHost(host, at.Child("host"))...)
		}
		http, given := rule["http"].(map[string]any)
		paths, _ := http["paths"].([]any)
		if given && len(paths) == 0 {
			errs = append(errs, field.Required(at.Child("http", "paths"), ""))
		}
		for j, p := range paths {
			p, _ := p.(map[string]any)
			errs = append(errs, validateIngressPath(p, at.Child("http", "paths").Index(j))...)
		}
	}
	return errs
}

func validateHost(host string, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	check := utilvalidation.IsDNS1123Subdomain
	if strings.Contains(host, "*") {
		check = utilvalidation.IsWildcardDNS1123Subdomain
	}
	for _, problem := range check(host) {
		errs = append(errs, field.Invalid(at, host, problem))
	}
	return errs
}

func validateIngressPath(p map[string]any, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	pathType, _ := p["pathType"].(string)
	value, _ := p["path"].(string)
	switch networkingv1.PathType(pathType) {
	case "":
		errs = append(errs, field.Required(at.Child("pathType"), "pathType must be specified"))
	case networkingv1.PathTypeExact, networkingv1.PathTypePrefix:
		if !strings.HasPrefix(value, "/") {
			errs = append(errs, field.Invalid(at.Child("path"), value, "must be an absolute path"))
		}
	case networkingv1.PathTypeImplementationSpecific:
		if value != "" && !strings.HasPrefix(value, "/") {
			errs = append(errs, field.Invalid(at.Child("path"), value, "must be an absolute path"))
		}
	default:
		errs = append(errs, field.NotSupported(at.Child("pathType"), pathType, []string{"Exact", "ImplementationSpecific", "Prefix"}))
	}
	backend, _ := p["backend"].(map[string]any)
	service, resource := backend["service"], backend["resource"]
	switch {
	case service != nil && resource != nil:
		errs = append(errs, field.Invalid(at.Child("backend"), "", "cannot set both resource and service backends"))
	case service == nil && resource == nil:
		errs = append(errs, field.Required(at.Child("backend"), "resource or service backend is required"))
	}
	return errs
}
