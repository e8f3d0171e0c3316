package kube

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// draft is an object on its way into the store: its metadata typed, everything else as JSON decodes it.
type draft struct {
	meta *metav1.ObjectMeta
	// content has no apiVersion, kind and metadata.
	content map[string]any
}

// copyOf returns a draft of a stored object that may be modified.
func copyOf(o *store.Object, content map[string]any) *draft {
	return &draft{meta: o.Meta.DeepCopy(), content: runtime.DeepCopyJSON(content)}
}

// whole returns the object with apiVersion, kind and metadata. It shares the content.
func (d *draft) whole(v *version) (map[string]any, error) {
	m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d.meta)
	if err != nil {
		return nil, fmt.Errorf("metadata of %s %q: %w", v.Kind, d.meta.Name, err)
	}
	obj := maps.Clone(d.content)
	obj["apiVersion"], obj["kind"], obj["metadata"] = v.GroupVersion().String(), v.Kind, m
	return obj, nil
}

// strictness is what happens to fields that the schema does not know, and to fields given twice.
type strictness string

const (
	ignoreUnknown strictness = metav1.FieldValidationIgnore
	warnUnknown   strictness = metav1.FieldValidationWarn
	refuseUnknown strictness = metav1.FieldValidationStrict
)

// strictnessOf reads a fieldValidation parameter. A real server warns unless told otherwise.
func strictnessOf(parameter string) strictness {
	if parameter == "" {
		return warnUnknown
	}
	return strictness(parameter)
}

const (
	jsonType     = runtime.ContentTypeJSON
	yamlType     = runtime.ContentTypeYAML
	protobufType = runtime.ContentTypeProtobuf
)

// decode reads an object in the body of a POST or PUT. The warnings are for the client.
func (v *version) decode(body []byte, contentType string, mode strictness) (*draft, []string, error) {
	switch contentType {
	case "", jsonType:
	case yamlType:
		converted, err := yaml.YAMLToJSON(body)
		if err != nil {
			return nil, nil, errors.NewBadRequest(err.Error())
		}
		body = converted
	case protobufType:
		if !v.isCustom() {
			d, err := v.decodeProtobuf(body)
			return d, nil, err
		}
		return nil, nil, errUnsupportedMediaType(jsonType, yamlType)
	default:
		accepted := []string{jsonType, yamlType}
		if !v.isCustom() {
			accepted = append(accepted, protobufType)
		}
		return nil, nil, errUnsupportedMediaType(accepted...)
	}
	d, problems, err := v.decodeJSON(body)
	if syntax, _ := kjson.SyntaxErrorOffset(err); syntax {
		return nil, nil, v.unrecognized(fmt.Sprintf("couldn't get version/kind; json parse error: %v (%s)", err, abbreviate(body)))
	}
	if err != nil {
		return nil, nil, v.unreadable(err)
	}
	if len(problems) > 0 && mode == refuseUnknown {
		return nil, nil, v.unreadable(runtime.NewStrictDecodingError(asErrors(problems)))
	}
	if mode == ignoreUnknown {
		problems = nil
	}
	return d, problems, nil
}

func (v *version) unrecognized(why string) error {
	return errors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): %s", v.Kind, why))
}

// unreadable words what is wrong with an object as the real server does.
func (v *version) unreadable(err error) error {
	if _, ok := err.(errors.APIStatus); ok {
		return err
	}
	return errors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", v.Kind, v.Version, v.Kind, err))
}

func asErrors(texts []string) []error {
	var out []error
	for _, t := range texts {
		out = append(out, fmt.Errorf("%s", t))
	}
	return out
}

// decodeJSON reads an object. problems are what fieldValidation is about: unknown fields and duplicate ones; the object
// is without them. It applies defaults.
func (v *version) decodeJSON(body []byte) (d *draft, problems []string, err error) {
	if v.isCustom() {
		d, problems, err = v.decodeCustom(body)
	} else {
		d, problems, err = v.decodeTyped(body)
	}
	if err != nil {
		return nil, nil, err
	}
	if v.rules.setDefaults != nil {
		v.rules.setDefaults(d)
	}
	return d, problems, nil
}

func (v *version) decodeTyped(body []byte) (*draft, []string, error) {
	typed := v.newTyped()
	strict, err := kjson.UnmarshalStrict(body, typed)
	if err != nil {
		return nil, nil, err
	}
	if err := v.checkType(typed.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()); err != nil {
		return nil, nil, err
	}
	d, err := draftOf(typed)
	return d, texts(strict), err
}

func (v *version) decodeProtobuf(body []byte) (*draft, error) {
	into := v.newTyped()
	_, gvk, err := protobuf.NewSerializer(builtinScheme, builtinScheme).Decode(body, &v.GroupVersionKind, into)
	if err == nil {
		err = v.checkType(gvk.ToAPIVersionAndKind())
	}
	if err != nil {
		return nil, v.unreadable(err)
	}
	d, err := draftOf(into)
	if err == nil && v.rules.setDefaults != nil {
		v.rules.setDefaults(d)
	}
	return d, err
}

func draftOf(typed runtime.Object) (*draft, error) {
	accessor, err := meta.Accessor(typed)
	if err != nil {
		return nil, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return nil, err
	}
	delete(content, "apiVersion")
	delete(content, "kind")
	delete(content, "metadata")
	objectMeta, ok := accessor.(*metav1.ObjectMeta)
	if !ok {
		objectMeta = accessor.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta)
	}
	return &draft{meta: objectMeta, content: content}, nil
}

func (v *version) decodeCustom(body []byte) (*draft, []string, error) {
	var obj map[string]any
	strict, err := kjson.UnmarshalStrict(body, &obj)
	if err != nil {
		return nil, nil, err
	}
	problems := texts(strict)
	apiVersion, _ := obj["apiVersion"].(string)
	kind, _ := obj["kind"].(string)
	if kind == "" || apiVersion == "" {
		missing := "Kind"
		if kind != "" {
			missing = "apiVersion"
		}
		return nil, nil, v.unrecognized(fmt.Sprintf("Object '%s' is missing in '%s'", missing, abbreviate(body)))
	}
	if err := v.checkType(apiVersion, kind); err != nil {
		return nil, nil, err
	}
	objectMeta, err := decodeMeta(obj["metadata"])
	if err != nil {
		return nil, nil, err
	}
	if v.validator != nil {
		for _, path := range v.validator.UnknownFields(obj) {
			problems = append(problems, fmt.Sprintf("unknown field %q", path))
		}
		v.validator.Prune(obj)
		v.validator.Default(obj)
	}
	delete(obj, "apiVersion")
	delete(obj, "kind")
	delete(obj, "metadata")
	return &draft{meta: objectMeta, content: canonical(obj).(map[string]any)}, problems, nil
}

// canonical turns numbers such as 5.0 into integers, in place: they are encoded as 5, and must not look like a change when
// they are compared with what was decoded from that.
func canonical(value any) any {
	const exact = 1 << 53
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			value[key] = canonical(member)
		}
	case []any:
		for i, member := range value {
			value[i] = canonical(member)
		}
	case float64:
		if value == math.Trunc(value) && math.Abs(value) < exact {
			return int64(value)
		}
	}
	return value
}

func decodeMeta(value any) (*metav1.ObjectMeta, error) {
	out := &metav1.ObjectMeta{}
	encoded, err := json.Marshal(value)
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(encoded, out)
	}
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return out, nil
}

// checkType refuses an object of another kind or version than the URL's. Built-ins may leave both out.
func (v *version) checkType(apiVersion, kind string) error {
	if kind != "" && kind != v.Kind {
		return errors.NewBadRequest(fmt.Sprintf("the kind in the data (%s) does not match the expected kind (%s)", kind, v.Kind))
	}
	if want := v.GroupVersion().String(); apiVersion != "" && apiVersion != want {
		return errors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)", apiVersion, want))
	}
	return nil
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

// abbreviate shows the beginning of a body, in hexadecimal unless it looks like JSON.
func abbreviate(body []byte) string {
	const limit = 30
	if len(body) == 0 {
		return "<empty>"
	}
	text, more := body[:min(len(body), limit)], ""
	if len(body) > limit {
		more = " ..."
	}
	if body[0] != '{' {
		return hex.EncodeToString(text) + more
	}
	return string(text) + more
}
