package kube

import (
	"encoding/json"
	"fmt"
	"net/http"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// patchOperationsLimit bounds the operations of one JSON patch, as the real server does.
const patchOperationsLimit = 10_000

func (x *exchange) patch() error {
	kind := types.PatchType(mediaType(x.r))
	if err := x.checkPatchType(kind); err != nil {
		return err
	}
	var options metav1.PatchOptions
	if err := decodeQuery(x.r, &options); err != nil {
		return err
	}
	if err := invalidOptions("PatchOptions", validation.ValidatePatchOptions(&options, kind)); err != nil {
		return err
	}
	how := x.writeOptions(options.DryRun, options.FieldManager, options.FieldValidation)
	p := patcher{kind: kind, body: x.body, mode: how.mode, force: options.Force != nil && *options.Force}
	code := http.StatusOK
	stored, _, err := x.commit(x.target.name, how, func(w *write) (*store.Object, bool, error) {
		cur, content := w.tx.Get(w.table, w.namespace, w.name)
		if cur == nil {
			code = http.StatusCreated
			o, err := w.createByPatch(&p)
			return o, false, err
		}
		d, err := w.patched(cur, &p)
		if err != nil {
			return nil, false, err
		}
		return w.update(cur, content, d)
	})
	if err != nil {
		return err
	}
	return x.reply(code, stored, p.warnings)
}

func (x *exchange) checkPatchType(kind types.PatchType) error {
	accepted := []string{string(types.JSONPatchType), string(types.MergePatchType)}
	if !x.isCustom() {
		accepted = append(accepted, string(types.StrategicMergePatchType))
	}
	accepted = append(accepted, string(types.ApplyYAMLPatchType))
	for _, a := range accepted {
		if a == string(kind) {
			return nil
		}
	}
	return errUnsupportedMediaType(accepted...)
}

// patcher is the patch of one request.
type patcher struct {
	kind     types.PatchType
	body     []byte
	mode     strictness
	force    bool
	warnings []string
}

// createByPatch creates an object that is applied for the first time. Other patches need something to patch.
func (w *write) createByPatch(p *patcher) (*store.Object, error) {
	if p.kind != types.ApplyYAMLPatchType || w.subresource != "" {
		return nil, errors.NewNotFound(w.GroupResource, w.name)
	}
	d, err := w.patched(nil, p)
	if err != nil {
		return nil, err
	}
	if d.meta.UID != "" {
		return nil, errors.NewConflict(w.GroupResource, w.name, fmt.Errorf(
			"uid mismatch: the provided object specified uid %s, and no existing object was found", d.meta.UID))
	}
	return w.create(d)
}

// patched returns what a patch makes of the present object, which is nil if there is none.
func (w *write) patched(cur *store.Object, p *patcher) (*draft, error) {
	var after []byte
	var problems []string
	var err error
	if p.kind == types.ApplyYAMLPatchType {
		w.applied = true
		after, err = w.applyConfiguration(cur, p)
	} else {
		after, problems, err = p.onto(cur.AppendJSON(nil, w.typeMeta), w.version)
	}
	if err != nil {
		return nil, err
	}
	d, unknown, err := w.decodeJSON(after)
	if err != nil {
		return nil, invalidPatch(after, err)
	}
	if err := p.report(append(problems, unknown...), after); err != nil {
		return nil, err
	}
	if d.meta.Name != w.name {
		return nil, errors.NewBadRequest(fmt.Sprintf(
			"the name of the object (%s) does not match the name on the URL (%s)", d.meta.Name, w.name))
	}
	return d, nil
}

// report refuses unknown and duplicate fields, or turns them into warnings, as fieldValidation says.
func (p *patcher) report(problems []string, after []byte) error {
	if len(problems) == 0 || p.mode == ignoreUnknown {
		return nil
	}
	if p.mode == refuseUnknown {
		return invalidPatch(after, runtime.NewStrictDecodingError(asErrors(problems)))
	}
	p.warnings = problems
	return nil
}

func invalidPatch(after []byte, err error) error {
	return errors.NewInvalid(schema.GroupKind{}, "", field.ErrorList{
		field.Invalid(field.NewPath("patch"), string(after), err.Error()),
	})
}

// onto applies a patch that is not a server-side apply.
func (p *patcher) onto(before []byte, v *version) (after []byte, problems []string, err error) {
	switch p.kind {
	case types.JSONPatchType:
		return p.jsonPatch(before)
	case types.MergePatchType:
		return p.mergePatch(before)
	default:
		return p.strategicMerge(before, v)
	}
}

func (p *patcher) jsonPatch(before []byte) ([]byte, []string, error) {
	var operations []struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		From  string `json:"from"`
		Value any    `json:"value"`
	}
	strict, err := kjson.UnmarshalStrict(p.body, &operations)
	if err != nil {
		return nil, nil, errors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	if len(operations) > patchOperationsLimit {
		return nil, nil, errors.NewRequestEntityTooLargeError(fmt.Sprintf(
			"The allowed maximum operations in a JSON patch is %d, got %d", patchOperationsLimit, len(operations)))
	}
	patch, err := jsonpatch.DecodePatch(p.body)
	if err != nil {
		return nil, nil, errors.NewBadRequest(err.Error())
	}
	options := jsonpatch.NewApplyOptions()
	options.AccumulatedCopySizeLimit = defaultBodyLimit
	after, err := patch.ApplyWithOptions(before, options)
	if err != nil {
		return nil, nil, unprocessable(err)
	}
	problems := texts(strict)
	for i := range problems {
		problems[i] = "json patch " + problems[i]
	}
	return after, problems, nil
}

func (p *patcher) mergePatch(before []byte) ([]byte, []string, error) {
	patch := map[string]any{}
	strict, err := kjson.UnmarshalStrict(p.body, &patch)
	if err != nil {
		return nil, nil, errors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	after, err := jsonpatch.MergePatch(before, p.body)
	if err != nil {
		return nil, nil, errors.NewBadRequest(err.Error())
	}
	return after, texts(strict), nil
}

// strategicMerge merges lists by the keys that the Go type names.
func (p *patcher) strategicMerge(before []byte, v *version) ([]byte, []string, error) {
	var original, patch map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(before, &original); err != nil {
		return nil, nil, err
	}
	strict, err := kjson.UnmarshalStrict(p.body, &patch)
	if err != nil {
		return nil, nil, errors.NewBadRequest(err.Error())
	}
	merged, err := strategicpatch.StrategicMergeMapPatch(original, patch, v.newTyped())
	switch {
	case err == nil:
	case mergepatch.IsPreconditionFailed(err), err == mergepatch.ErrBadJSONDoc, err == mergepatch.ErrBadPatchFormatForPrimitiveList,
		err == mergepatch.ErrBadPatchFormatForRetainKeys, err == mergepatch.ErrBadPatchFormatForSetElementOrderList,
		err == mergepatch.ErrUnsupportedStrategicMergePatchFormat:
		return nil, nil, errors.NewBadRequest(err.Error())
	default:
		return nil, nil, unprocessable(err)
	}
	after, err := json.Marshal(merged)
	return after, texts(strict), err
}

func unprocessable(err error) error {
	return errors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
}

// applyConfiguration is server-side apply.
func (w *write) applyConfiguration(cur *store.Object, p *patcher) ([]byte, error) {
	var applied map[string]any
	if err := yaml.Unmarshal(p.body, &applied); err != nil {
		return nil, errors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	if err := yaml.UnmarshalStrict(p.body, &map[string]any{}); err != nil {
		if p.mode == refuseUnknown {
			return nil, errors.NewBadRequest(fmt.Sprintf("error strict decoding patch: %v", err))
		}
	}
	// Numbers as the rest of the server has them: whole ones are int64.
	encoded, err := json.Marshal(applied)
	if err != nil {
		return nil, errors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	applied = map[string]any{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(encoded, &applied); err != nil {
		return nil, errors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	return w.merge(cur, applied, p.force)
}
