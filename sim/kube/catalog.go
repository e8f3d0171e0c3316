package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apimachineryversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// builtinScheme has the Go types of the built-in resources.
var builtinScheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // the types are part of the program: this cannot fail in one run and pass in the next
		}
	}
	return s
}()

// resource is what one plural name of a group stands for, whatever its versions.
type resource struct {
	schema.GroupResource
	kind, listKind, singular string
	shortNames, categories   []string
	namespaced               bool
	definition               *apiextensionsv1.CustomResourceDefinition // nil for a built-in
	versions                 []*version                                // served ones
	table                    *store.Table
	rules                    rules
}

// version is a resource as one of its API versions serves it. All versions of a resource share their objects: between
// them only apiVersion changes.
type version struct {
	*resource
	schema.GroupVersionKind
	// typeMeta and listTypeMeta are the first members of an encoded object and list.
	typeMeta, listTypeMeta string
	status                 bool
	generation             bool
	validator              Validator             // nil for built-ins
	newTyped               func() runtime.Object // nil for custom resources
	columns                []tableColumn
	selectable             []selectableField
	schema                 *apiextensionsv1.JSONSchemaProps // nil for built-ins
	managers               func() (*fieldManagers, error)
}

func (v *version) isCustom() bool { return v.newTyped == nil }

func typeMetaJSON(gv schema.GroupVersion, kind string) string {
	return fmt.Sprintf(`"kind":%q,"apiVersion":%q,`, kind, gv.String())
}

// catalog is what is served at one time. It never changes: installing a resource makes another one.
type catalog struct {
	resources map[schema.GroupResource]*resource
	// groups are in the order of discovery: the core group, then the built-in ones, then custom ones by name.
	groups []apiGroup

	docsOnce sync.Once
	docs     map[string][]byte // discovery documents by path and form, made when first asked for
}

type apiGroup struct {
	name     string
	versions []groupVersion // the preferred first
}

type groupVersion struct {
	schema.GroupVersion
	resources []*version // sorted by plural
}

// with returns the catalog with resources added or replaced.
func (c *catalog) with(added ...*resource) *catalog {
	resources := map[schema.GroupResource]*resource{}
	for gr, r := range c.resources {
		resources[gr] = r
	}
	for _, r := range added {
		resources[r.GroupResource] = r
	}
	return &catalog{resources: resources, groups: groupsOf(resources)}
}

// without returns the catalog with a resource removed.
func (c *catalog) without(removed schema.GroupResource) *catalog {
	resources := map[schema.GroupResource]*resource{}
	for gr, r := range c.resources {
		if gr != removed {
			resources[gr] = r
		}
	}
	return &catalog{resources: resources, groups: groupsOf(resources)}
}

func groupsOf(resources map[schema.GroupResource]*resource) []apiGroup {
	sorted := make([]*resource, 0, len(resources))
	for _, r := range resources {
		sorted = append(sorted, r)
	}
	slices.SortFunc(sorted, func(a, b *resource) int {
		return cmp.Or(customLast(a)-customLast(b), strings.Compare(a.Group, b.Group), strings.Compare(a.Resource, b.Resource))
	})
	var groups []apiGroup
	for _, r := range sorted {
		i := slices.IndexFunc(groups, func(g apiGroup) bool { return g.name == r.Group })
		if i < 0 {
			groups = append(groups, apiGroup{name: r.Group})
			i = len(groups) - 1
		}
		for _, v := range r.versions {
			groups[i].add(v)
		}
	}
	return groups
}

// customLast is 1 for a custom resource and 0 for a built-in.
func customLast(r *resource) int {
	if r.definition != nil {
		return 1
	}
	return 0
}

func (g *apiGroup) add(v *version) {
	gv := v.GroupVersion()
	i := slices.IndexFunc(g.versions, func(other groupVersion) bool { return other.GroupVersion == gv })
	if i < 0 {
		g.versions = append(g.versions, groupVersion{GroupVersion: gv})
		slices.SortStableFunc(g.versions, func(a, b groupVersion) int {
			return -apimachineryversion.CompareKubeAwareVersionStrings(a.Version, b.Version)
		})
		i = slices.IndexFunc(g.versions, func(other groupVersion) bool { return other.GroupVersion == gv })
	}
	g.versions[i].resources = append(g.versions[i].resources, v)
}

// lookup returns the resource of a URL, or nil.
func (c *catalog) lookup(gvr schema.GroupVersionResource) *version {
	r := c.resources[gvr.GroupResource()]
	if r == nil {
		return nil
	}
	for _, v := range r.versions {
		if v.Version == gvr.Version {
			return v
		}
	}
	return nil
}

// newBuiltin makes the resource of a built-in.
func newBuiltin(b Builtin, table *store.Table) (*resource, error) {
	if !builtinScheme.Recognizes(b.GroupVersionKind) {
		return nil, fmt.Errorf("kube: client-go has no Go type for %s; serve it as a custom resource", b.GroupVersionKind)
	}
	gk := b.GroupKind()
	r := &resource{
		GroupResource: schema.GroupResource{Group: b.Group, Resource: b.Plural},
		kind:          b.Kind, listKind: b.Kind + "List", singular: strings.ToLower(b.Kind),
		shortNames: b.ShortNames, namespaced: !b.ClusterScoped, table: table, rules: rulesOf(gk),
	}
	if b.All {
		r.categories = []string{"all"}
	}
	v := r.newVersion(b.Version)
	v.status, v.generation = b.Status, b.Generation
	v.newTyped = func() runtime.Object {
		obj, err := builtinScheme.New(b.GroupVersionKind)
		if err != nil {
			panic(err) // recognized above
		}
		return obj
	}
	var err error
	if v.columns, err = parseColumns(b.Columns, true); err != nil {
		return nil, fmt.Errorf("kube: %s: %w", b.GroupVersionKind, err)
	}
	if v.selectable, err = parseSelectable(b.Fields); err != nil {
		return nil, fmt.Errorf("kube: %s: %w", b.GroupVersionKind, err)
	}
	r.versions = []*version{v}
	return r, nil
}

// newVersion makes a version of r. Its list kind is of the same version.
func (r *resource) newVersion(name string) *version {
	gv := schema.GroupVersion{Group: r.Group, Version: name}
	v := &version{
		resource: r, GroupVersionKind: gv.WithKind(r.kind),
		typeMeta: typeMetaJSON(gv, r.kind), listTypeMeta: typeMetaJSON(gv, r.listKind),
	}
	v.managers = sync.OnceValues(func() (*fieldManagers, error) { return newFieldManagers(v) })
	return v
}
