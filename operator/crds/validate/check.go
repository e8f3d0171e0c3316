package validate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
)

// Validate checks a write of the whole object, which has to be pruned and
// defaulted. old is nil for a create; in an update, faults of parts that old
// has too are forgiven, except those of metadata. Neither object is changed.
//
// The errors are sorted by field and text. If any of them is of a kind that
// CEL rules may rely on (type, required, enum, length), CEL rules are not
// evaluated and an error without field says so, as from an API server.
func (v *Validator) Validate(obj, old map[string]any) field.ErrorList {
	errs := v.checkType(obj)
	if len(errs) > 0 {
		return errs
	}
	errs = append(errs, checkMetadata(obj, old, v.namespaced)...)
	var schemaOpts []apiservervalidation.ValidationOption
	var celOpts []cel.Option
	if old == nil {
		errs = append(errs, apiservervalidation.ValidateCustomResource(nil, obj, v.object)...)
	} else {
		pair := v.correlate(obj, old)
		schemaOpts = append(schemaOpts, apiservervalidation.WithRatcheting(pair))
		celOpts = append(celOpts, cel.WithRatcheting(pair))
		errs = append(errs, apiservervalidation.ValidateCustomResourceUpdate(nil, obj, old, v.object, schemaOpts...)...)
	}
	errs = append(errs, objectmeta.Validate(context.Background(), nil, obj, v.structural, false)...)
	errs = append(errs, v.checkLists(obj, old)...)
	return sorted(v.checkRules(errs, obj, old, celOpts...))
}

// ValidateStatus checks a write through the status subresource: obj is old with
// another status and perhaps other metadata. Faults of the spec are forgiven.
func (v *Validator) ValidateStatus(obj, old map[string]any) field.ErrorList {
	errs := v.checkType(obj)
	if len(errs) > 0 {
		return errs
	}
	errs = append(errs, checkMetadata(obj, old, v.namespaced)...)
	pair := v.correlate(obj, old)
	if status, ok := obj["status"]; ok && v.status != nil {
		errs = append(errs, apiservervalidation.ValidateCustomResourceUpdate(field.NewPath("status"), status, old["status"], v.status,
			apiservervalidation.WithRatcheting(pair.Key("status")))...)
	}
	errs = append(errs, v.checkLists(obj, old)...)
	return sorted(v.checkRules(errs, obj, old, cel.WithRatcheting(pair)))
}

func (v *Validator) correlate(obj, old map[string]any) *common.CorrelatedObject {
	return common.NewCorrelatedObject(obj, old, &model.Structural{Structural: v.structural})
}

// checkType refuses an object of another kind or version.
func (v *Validator) checkType(obj map[string]any) field.ErrorList {
	var errs field.ErrorList
	if kind, want := obj["kind"], v.gvk.Kind; kind != want {
		errs = append(errs, field.Invalid(field.NewPath("kind"), kind, fmt.Sprintf("must be %s", want)))
	}
	if version, want := obj["apiVersion"], v.gvk.GroupVersion().String(); version != want {
		errs = append(errs, field.Invalid(field.NewPath("apiVersion"), version, fmt.Sprintf("must be %s", want)))
	}
	return errs
}

// checkLists checks lists that are maps or sets, unless old has such faults.
func (v *Validator) checkLists(obj, old map[string]any) field.ErrorList {
	if old != nil && len(listtype.ValidateListSetsAndMaps(nil, v.structural, old)) > 0 {
		return nil
	}
	return listtype.ValidateListSetsAndMaps(nil, v.structural, obj)
}

// checkRules adds what CEL rules say to errs.
func (v *Validator) checkRules(errs field.ErrorList, obj, old map[string]any, opts ...cel.Option) field.ErrorList {
	rules := v.celValidator()
	if rules == nil {
		return errs
	}
	if slices.ContainsFunc(errs, blocksRules) {
		return append(errs, field.Invalid(nil, nil, RulesNotChecked))
	}
	var oldObj any
	if old != nil {
		oldObj = old
	}
	found, _ := rules.Validate(context.Background(), nil, v.structural, obj, oldObj, celconfig.RuntimeCELCostBudget, opts...)
	return append(errs, found...)
}

// RulesNotChecked is the detail of the error that says that CEL rules were not
// evaluated, in the API server's words.
const RulesNotChecked = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"

// blocksRules is whether a fault keeps CEL rules from being evaluated, which
// rely on types, required fields and sizes.
func blocksRules(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	}
	return false
}

// sorted orders errors by field and text: the schema packages walk maps, in an
// order that differs from call to call.
func sorted(errs field.ErrorList) field.ErrorList {
	slices.SortStableFunc(errs, func(a, b *field.Error) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Error(), b.Error()))
	})
	return errs
}
