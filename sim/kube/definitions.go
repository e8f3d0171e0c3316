package kube

import (
	"fmt"
	"slices"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimachineryvalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// definitionRules are those of CustomResourceDefinitions: what cannot be served is refused.
func (s *Server) definitionRules() rules {
	return rules{
		validName:   apimachineryvalidation.NameIsDNSSubdomain,
		setDefaults: setDefinitionDefaults,
		validate: func(d *draft) field.ErrorList {
			crd, err := definitionOf(d)
			if err == nil {
				s.compiled, err = s.compile(crd)
			}
			if err != nil {
				return field.ErrorList{field.Invalid(field.NewPath("spec"), d.meta.Name, err.Error())}
			}
			return nil
		},
	}
}

func setDefinitionDefaults(d *draft) {
	crd, err := definitionOf(d)
	if err != nil {
		return // validation says so
	}
	builtinScheme.Default(crd)
	if defaulted, err := draftOf(crd); err == nil {
		d.content = defaulted.content
	}
}

func definitionOf(d *draft) (*apiextensionsv1.CustomResourceDefinition, error) {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(d.content, crd); err != nil {
		return nil, err
	}
	crd.ObjectMeta = *d.meta
	return crd, nil
}

// compile makes the resource of a definition, without a table.
func (s *Server) compile(crd *apiextensionsv1.CustomResourceDefinition) (*resource, error) {
	spec := crd.Spec
	if want := spec.Names.Plural + "." + spec.Group; crd.Name != want {
		return nil, fmt.Errorf("metadata.name is %q, but must be spec.names.plural and spec.group: %q", crd.Name, want)
	}
	if spec.Names.Kind == "" {
		return nil, fmt.Errorf("spec.names.kind is missing")
	}
	if spec.Conversion != nil && spec.Conversion.Strategy != apiextensionsv1.NoneConverter {
		return nil, fmt.Errorf("spec.conversion.strategy is %q; this server converts by %q only", spec.Conversion.Strategy, apiextensionsv1.NoneConverter)
	}
	r := &resource{
		GroupResource: schema.GroupResource{Group: spec.Group, Resource: spec.Names.Plural},
		kind:          spec.Names.Kind, listKind: spec.Names.ListKind, singular: spec.Names.Singular,
		shortNames: spec.Names.ShortNames, categories: spec.Names.Categories,
		namespaced: spec.Scope == apiextensionsv1.NamespaceScoped, definition: crd, rules: customRules(),
	}
	if other := s.catalog.Load().resources[r.GroupResource]; other != nil && other.definition == nil {
		return nil, fmt.Errorf("%s is a built-in resource of this server", r.GroupResource)
	}
	validators, err := s.config.Validators(crd)
	if err != nil {
		return nil, err
	}
	for i := range spec.Versions {
		if !spec.Versions[i].Served {
			continue
		}
		v, err := r.customVersion(&spec.Versions[i], validators[spec.Versions[i].Name])
		if err != nil {
			return nil, fmt.Errorf("spec.versions[%d]: %w", i, err)
		}
		r.versions = append(r.versions, v)
	}
	if len(r.versions) == 0 {
		return nil, fmt.Errorf("spec.versions: none is served")
	}
	return r, nil
}

func (r *resource) customVersion(spec *apiextensionsv1.CustomResourceDefinitionVersion, validator Validator) (*version, error) {
	v := r.newVersion(spec.Name)
	v.generation = true
	v.status = spec.Subresources != nil && spec.Subresources.Status != nil
	v.validator = validator
	if spec.Schema != nil {
		v.schema = spec.Schema.OpenAPIV3Schema
	}
	var err error
	if v.columns, err = parseColumns(spec.AdditionalPrinterColumns, false); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range spec.SelectableFields {
		paths = append(paths, f.JSONPath)
	}
	v.selectable, err = parseSelectable(paths)
	return v, err
}

// addDefinition installs a definition of the configuration.
func (s *Server) addDefinition(crd *apiextensionsv1.CustomResourceDefinition) error {
	crd.ResourceVersion = ""
	builtinScheme.Default(crd)
	d, err := draftOf(crd)
	if err == nil {
		err = s.store.Update(func(tx *store.Tx) error {
			_, err := (&write{Server: s, version: s.definition(), tx: tx}).create(d)
			return err
		})
	}
	if err == nil {
		err = s.install()
	}
	if err != nil {
		return fmt.Errorf("kube: CustomResourceDefinition %q: %w", crd.Name, err)
	}
	return nil
}

// install serves the definition that has just been validated and stored, and says so in its status.
func (s *Server) install() error {
	r := s.compiled
	if err := s.store.Update(func(tx *store.Tx) error { return s.establish(tx, r.definition) }); err != nil {
		return err
	}
	catalog := s.catalog.Load()
	if present := catalog.resources[r.GroupResource]; present != nil {
		r.table = present.table
	} else {
		r.table = s.store.NewTable()
	}
	s.catalog.Store(catalog.with(r))
	return nil
}

// establish writes the status of a definition that is served.
func (s *Server) establish(tx *store.Tx, crd *apiextensionsv1.CustomResourceDefinition) error {
	w := &write{Server: s, version: s.definition(), tx: tx, name: crd.Name, subresource: "status"}
	cur, content := tx.Get(w.table, "", w.name)
	status := established(crd)
	encoded, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return err
	}
	_, _, err = w.update(cur, content, &draft{meta: cur.Meta.DeepCopy(), content: map[string]any{"status": encoded}})
	return err
}

// established returns the status of a definition that is served.
func established(crd *apiextensionsv1.CustomResourceDefinition) apiextensionsv1.CustomResourceDefinitionStatus {
	status := *crd.Status.DeepCopy()
	status.AcceptedNames = crd.Spec.Names
	for _, v := range crd.Spec.Versions {
		if v.Storage && !slices.Contains(status.StoredVersions, v.Name) {
			status.StoredVersions = append(status.StoredVersions, v.Name)
		}
	}
	if len(status.Conditions) > 0 {
		return status
	}
	now := metav1.NewTime(time.Now().Truncate(time.Second))
	status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{
		{Type: apiextensionsv1.NamesAccepted, Status: apiextensionsv1.ConditionTrue, LastTransitionTime: now,
			Reason: "NoConflicts", Message: "no conflicts found"},
		{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue, LastTransitionTime: now,
			Reason: "InitialNamesAccepted", Message: "the initial names have been accepted"},
	}
	return status
}

// uninstall stops serving what a deleted definition defined. Its objects go with it, finalizers or not.
func (s *Server) uninstall(name string) {
	plural, group, _ := strings.Cut(name, ".")
	gr := schema.GroupResource{Group: group, Resource: plural}
	catalog := s.catalog.Load()
	r := catalog.resources[gr]
	if r == nil {
		return
	}
	s.catalog.Store(catalog.without(gr))
	_ = s.store.Update(func(tx *store.Tx) error { // nothing in it fails
		for _, o := range tx.List(r.table, "") {
			w := &write{Server: s, version: r.versions[0], tx: tx}
			w.remove(o.Meta.Namespace, o.Meta.Name)
		}
		return nil
	})
	s.store.RemoveTable(r.table)
}
