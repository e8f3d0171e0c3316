package kube

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/munnerz/goautoneg"
	"k8s.io/apimachinery/pkg/api/errors"
	metainternalscheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
)

// form is the shape in which a client wants objects.
type form int

const (
	wholeObjects form = iota
	metadataOnly      // PartialObjectMetadata
	asTable
)

// output is what a client accepts, as far as this server can give it: always JSON.
type output struct {
	form form
	// apiVersion is that of the Table or PartialObjectMetadata.
	apiVersion string
	table      tableOptions
}

type tableOptions struct {
	apiVersion string
	include    metav1.IncludeObjectPolicy
	noHeaders  bool
}

func partialTypeMeta(apiVersion string) string {
	return fmt.Sprintf(`"kind":"PartialObjectMetadata","apiVersion":%q,`, apiVersion)
}

// negotiate chooses the form of a response from the Accept header. Protobuf and CBOR are not served, so that a client that
// insists on them is refused with 406; all clients of client-go list JSON as well.
func negotiate(r *http.Request, streaming bool) (output, error) {
	header := r.Header.Get("Accept")
	if header == "" {
		return output{}, nil
	}
	for _, clause := range goautoneg.ParseAccept(header) {
		if clause.Q == 0 || !acceptsJSON(clause) || clause.Params["stream"] != "" && !streaming {
			continue
		}
		kind, group, version := clause.Params["as"], clause.Params["g"], clause.Params["v"]
		if kind == "" && group == "" && version == "" {
			return output{}, nil
		}
		if group != metav1.GroupName || version != "v1" && version != "v1beta1" {
			continue
		}
		out := output{apiVersion: group + "/" + version}
		switch kind {
		case "PartialObjectMetadata", "PartialObjectMetadataList":
			out.form = metadataOnly
			return out, nil
		case "Table":
			out.form = asTable
			var err error
			out.table, err = parseTableOptions(r, out.apiVersion)
			return out, err
		}
	}
	return output{}, errNotAcceptable
}

func acceptsJSON(a goautoneg.Accept) bool {
	switch a.Type + "/" + a.SubType {
	case "application/json", "application/*", "*/*":
		return true
	}
	return false
}

var errNotAcceptable = &errors.StatusError{ErrStatus: metav1.Status{
	Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
	Message: "only the following media types are accepted: application/json, application/json;stream=watch",
}}

func parseTableOptions(r *http.Request, apiVersion string) (tableOptions, error) {
	var options metav1.TableOptions
	if err := decodeQuery(r, &options); err != nil {
		return tableOptions{}, err
	}
	if errs := validation.ValidateTableOptions(&options); len(errs) > 0 {
		return tableOptions{}, errors.NewBadRequest("Unable to convert to Table as requested: " + errs.ToAggregate().Error())
	}
	return tableOptions{apiVersion: apiVersion, include: options.IncludeObject, noHeaders: options.NoHeaders}, nil
}

// decodeQuery reads the options of a request from its query.
func decodeQuery(r *http.Request, into runtime.Object) error {
	query := r.URL.Query()
	if err := metainternalscheme.ParameterCodec.DecodeParameters(query, metav1.SchemeGroupVersion, into); err != nil {
		return errors.NewBadRequest(err.Error())
	}
	return nil
}

// mediaType returns the content type of a request's body without parameters; "" means JSON.
func mediaType(r *http.Request) string {
	header := r.Header.Get("Content-Type")
	parsed, _, err := mime.ParseMediaType(header)
	if err != nil {
		return strings.TrimSpace(strings.SplitN(header, ";", 2)[0])
	}
	return parsed
}

func errUnsupportedMediaType(accepted ...string) error {
	return &errors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "the body of the request was in an unknown format - accepted media types include: " + strings.Join(accepted, ", "),
	}}
}
