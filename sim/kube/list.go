package kube

import (
	"encoding/base64"
	"encoding/json"
	stderrors "errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metainternal "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metainternalvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// listOptions reads what a list or a watch asks for.
func (x *exchange) listOptions() (*metainternal.ListOptions, error) {
	var options metainternal.ListOptions
	if err := decodeQuery(x.r, &options); err != nil {
		return nil, err
	}
	metainternal.SetListOptionsDefaults(&options, true)
	if err := invalidOptions("ListOptions", metainternalvalidation.ValidateListOptions(&options, true)); err != nil {
		return nil, err
	}
	if err := x.checkFieldSelector(options.FieldSelector); err != nil {
		return nil, errors.NewBadRequest(err.Error())
	}
	return &options, nil
}

func (x *exchange) selection(options *metainternal.ListOptions) selection {
	return selection{namespace: x.target.namespace, labels: options.LabelSelector, fields: options.FieldSelector}
}

// parseRV reads a resource version of a query; "" is 0.
func parseRV(value string) (uint64, error) {
	if value == "" {
		return 0, nil
	}
	rv, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0, errors.NewBadRequest(fmt.Sprintf("Invalid value: %q: %v", value, err))
	}
	return rv, nil
}

// errTooNew is how a list at a resource version that is not there yet ends, after a real server has waited for it.
func errTooNew(rv, current uint64) error {
	err := errors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", rv, current), 1)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{
		{Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version"},
	}
	return err
}

func (x *exchange) list() error {
	options, err := x.listOptions()
	if err != nil {
		return err
	}
	objects, rv, start, err := x.listed(options)
	if err != nil {
		return err
	}
	selected := x.selection(options)
	objects = selected.filter(objects)
	list := metav1.ListMeta{ResourceVersion: strconv.FormatUint(rv, 10)}
	if start != "" {
		i, _ := slices.BinarySearchFunc(objects, start, func(o *store.Object, key string) int { return strings.Compare(keyOf(o), key) })
		objects = objects[i:]
	}
	// Like a watch cache, a list at "any version" is not cut into pages.
	if limit := int(options.Limit); limit > 0 && limit < len(objects) && options.ResourceVersion != "0" {
		list.Continue = continueToken{RV: rv, Start: keyOf(objects[limit])}.encode()
		if selected.empty() {
			rest := int64(len(objects) - limit)
			list.RemainingItemCount = &rest
		}
		objects = objects[:limit]
	}
	return x.replyList(objects, list)
}

// keyOf is the sort key of the store.
func keyOf(o *store.Object) string { return o.Meta.Namespace + "/" + o.Meta.Name }

// listed returns the objects that a list is about before it is narrowed, their resource version, and the key of the first
// that has not been sent.
func (x *exchange) listed(options *metainternal.ListOptions) (objects []*store.Object, rv uint64, start string, err error) {
	at, err := parseRV(options.ResourceVersion)
	if err != nil {
		return nil, 0, "", err
	}
	exact := options.ResourceVersionMatch == metav1.ResourceVersionMatchExact
	if options.Continue != "" {
		token, err := decodeContinue(options.Continue)
		if err != nil {
			return nil, 0, "", err
		}
		if at != 0 {
			return nil, 0, "", errors.NewBadRequest("specifying resource version is not allowed when using continue")
		}
		at, start, exact = token.RV, token.Start, true
	}
	if exact {
		objects, err = x.table.ListAt(x.target.namespace, at)
		switch {
		case stderrors.Is(err, store.ErrFuture):
			return nil, 0, "", errTooNew(at, x.store.RV())
		case err != nil && start != "":
			return nil, 0, "", errExpiredPage(x.store.RV(), start)
		case err != nil:
			return nil, 0, "", errors.NewResourceExpired("The resourceVersion for the provided list is too old.")
		}
		return objects, at, start, nil
	}
	objects, rv = x.table.List(x.target.namespace)
	if at > rv {
		return nil, 0, "", errTooNew(at, rv)
	}
	return objects, rv, "", nil
}

// errExpiredPage tells a client whose next page cannot be had any more how to go on without consistency.
func errExpiredPage(rv uint64, start string) error {
	err := errors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result. " +
		"You can start a new list without the continue parameter, or use the continue token in this response to retrieve " +
		"the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that " +
		"were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
	err.ErrStatus.ListMeta.Continue = continueToken{RV: rv, Start: start}.encode()
	return err
}

// continueToken says where the next page of a list starts.
type continueToken struct {
	RV    uint64 `json:"rv"`
	Start string `json:"start"`
}

func (t continueToken) encode() string {
	encoded, _ := json.Marshal(t) // a number and a string
	return base64.RawURLEncoding.EncodeToString(encoded)
}

func decodeContinue(token string) (continueToken, error) {
	var t continueToken
	decoded, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(decoded, &t)
	}
	if err != nil || t.RV == 0 || t.Start == "" {
		return t, errors.NewBadRequest("continue key is not valid: it must be what the last page of the list returned")
	}
	return t, nil
}

// replyList sends objects as a list.
func (x *exchange) replyList(objects []*store.Object, list metav1.ListMeta) error {
	if x.output.form == asTable {
		body, err := x.tabulate(objects, list, x.output.table)
		if err != nil {
			return err
		}
		writeBody(x.w, http.StatusOK, body)
		return nil
	}
	meta, err := json.Marshal(list)
	if err != nil {
		return err
	}
	typeMeta := x.listTypeMeta
	if x.output.form == metadataOnly {
		typeMeta = fmt.Sprintf(`"kind":"PartialObjectMetadataList","apiVersion":%q,`, x.output.apiVersion)
	}
	size := len(meta) + len(typeMeta)
	for _, o := range objects {
		size += o.Size() + len(x.typeMeta)
	}
	const punctuation = 64
	body := make([]byte, 0, size+punctuation)
	body = append(body, "{"+typeMeta+`"metadata":`...)
	body = append(body, meta...)
	body = append(body, `,"items":[`...)
	for i, o := range objects {
		if i > 0 {
			body = append(body, ',')
		}
		body = x.appendItem(body, o)
	}
	writeBody(x.w, http.StatusOK, append(body, "]}"...))
	return nil
}

// appendItem appends an object as it stands in a list: those of built-ins have no kind.
func (x *exchange) appendItem(body []byte, o *store.Object) []byte {
	switch {
	case x.output.form == metadataOnly:
		return o.AppendMetadata(body, partialTypeMeta(x.output.apiVersion))
	case x.isCustom():
		return o.AppendJSON(body, x.typeMeta)
	default:
		return o.AppendJSON(body, "")
	}
}
