package kube

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// managerOf returns the manager of a client that names none: the first part of its user agent.
func managerOf(userAgent string) string {
	const limit = 128
	name, _, _ := strings.Cut(userAgent, "/")
	return name[:min(len(name), limit)]
}

func invalidOptions(kind string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return errors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: kind}, "", errs)
}

func (x *exchange) post() error {
	var options metav1.CreateOptions
	if err := decodeQuery(x.r, &options); err != nil {
		return err
	}
	if err := invalidOptions("CreateOptions", validation.ValidateCreateOptions(&options)); err != nil {
		return err
	}
	how := x.writeOptions(options.DryRun, options.FieldManager, options.FieldValidation)
	d, warnings, err := x.decode(x.body, mediaType(x.r), how.mode)
	if err != nil {
		return err
	}
	created, _, err := x.commit("", how, func(w *write) (*store.Object, bool, error) {
		o, err := w.create(d)
		return o, false, err
	})
	if err != nil {
		return err
	}
	return x.reply(http.StatusCreated, created, warnings)
}

func (x *exchange) put() error {
	var options metav1.UpdateOptions
	if err := decodeQuery(x.r, &options); err != nil {
		return err
	}
	if err := invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(&options)); err != nil {
		return err
	}
	how := x.writeOptions(options.DryRun, options.FieldManager, options.FieldValidation)
	d, warnings, err := x.decode(x.body, mediaType(x.r), how.mode)
	if err != nil {
		return err
	}
	if err := x.checkNames(d); err != nil {
		return err
	}
	code := http.StatusOK
	stored, _, err := x.commit(x.target.name, how, func(w *write) (*store.Object, bool, error) {
		cur, content := w.tx.Get(w.table, w.namespace, w.name)
		if cur != nil {
			return w.update(cur, content, d)
		}
		if !w.rules.createOnUpdate || w.subresource != "" {
			return nil, false, errors.NewNotFound(w.GroupResource, w.name)
		}
		code = http.StatusCreated
		o, err := w.create(d)
		return o, false, err
	})
	if err != nil {
		return err
	}
	return x.reply(code, stored, warnings)
}

// checkNames compares an object with its URL.
func (x *exchange) checkNames(d *draft) error {
	if d.meta.Name != x.target.name {
		return errors.NewBadRequest(fmt.Sprintf(
			"the name of the object (%s) does not match the name on the URL (%s)", d.meta.Name, x.target.name))
	}
	if x.namespaced && d.meta.Namespace != "" && d.meta.Namespace != x.target.namespace {
		return errors.NewBadRequest(fmt.Sprintf(
			"the namespace of the object (%s) does not match the namespace on the request (%s)", d.meta.Namespace, x.target.namespace))
	}
	return nil
}

// deleteOptions reads the options of a DELETE from its body, if it has one, else from its query.
func (x *exchange) deleteOptions() (metav1.DeleteOptions, error) {
	var options metav1.DeleteOptions
	if len(x.body) == 0 {
		if err := decodeQuery(x.r, &options); err != nil {
			return options, err
		}
	} else if err := decodeDeleteOptions(x.body, mediaType(x.r), &options); err != nil {
		return options, errors.NewBadRequest(err.Error())
	}
	return options, invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(&options))
}

func (x *exchange) deleteOne() error {
	options, err := x.deleteOptions()
	if err != nil {
		return err
	}
	how := x.writeOptions(options.DryRun, "", "")
	o, removed, err := x.commit(x.target.name, how, func(w *write) (*store.Object, bool, error) {
		return w.delete(options.Preconditions)
	})
	if err != nil {
		return err
	}
	if !removed {
		return x.reply(http.StatusOK, o, nil)
	}
	writeJSON(x.w, http.StatusOK, metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusSuccess,
		Details:  &metav1.StatusDetails{Name: x.target.name, Group: x.GroupResource.Group, Kind: x.Resource, UID: o.Meta.UID},
	})
	return nil
}

// deleteMany deletes what a list with the same parameters has, and replies with that list.
func (x *exchange) deleteMany() error {
	options, err := x.deleteOptions()
	if err != nil {
		return err
	}
	list, err := x.listOptions()
	if err != nil {
		return err
	}
	how := x.writeOptions(options.DryRun, "", "")
	objects, _ := x.table.List(x.target.namespace)
	var deleted []*store.Object
	for _, o := range x.selection(list).filter(objects) {
		last, _, err := x.commit(o.Meta.Name, how, func(w *write) (*store.Object, bool, error) {
			return w.delete(options.Preconditions)
		})
		if errors.IsNotFound(err) {
			continue // somebody else was faster
		}
		if err != nil {
			return err
		}
		deleted = append(deleted, last)
	}
	return x.replyList(deleted, metav1.ListMeta{ResourceVersion: strconv.FormatUint(x.store.RV(), 10)})
}

// decodeDeleteOptions reads the body of a DELETE. Its group and version may be any: clients send that of the object.
func decodeDeleteOptions(body []byte, contentType string, into *metav1.DeleteOptions) error {
	if contentType == protobufType {
		return runtime.DecodeInto(protobuf.NewSerializer(builtinScheme, builtinScheme), body, into)
	}
	return yaml.Unmarshal(body, into)
}
