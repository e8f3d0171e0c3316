package kube

import (
	"io"
	"net/http"
	"slices"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// exchange is one request about objects and its response.
type exchange struct {
	*Server
	*version
	target
	w      http.ResponseWriter
	r      *http.Request
	output output
	body   []byte // of a write
}

func (s *Server) serveResource(w http.ResponseWriter, r *http.Request, t target) {
	gvr := schema.GroupVersionResource{Group: t.group, Version: t.version, Resource: t.resource}
	v := s.catalog.Load().lookup(gvr)
	if v == nil || t.subresource != "" && (t.subresource != "status" || !v.status) || t.namespace != "" && !v.namespaced {
		http.NotFound(w, r)
		return
	}
	x := &exchange{Server: s, version: v, target: t, w: w, r: r}
	if err := x.serve(); err != nil {
		writeError(w, err)
	}
}

func (x *exchange) serve() error {
	watching := x.r.Method == http.MethodGet && x.target.name == "" && wantsWatch(x.r)
	var err error
	if x.output, err = negotiate(x.r, watching); err != nil {
		return err
	}
	named := x.target.name != ""
	// An object of a namespaced resource is reached through its namespace only; lists go across.
	rooted := x.namespaced && x.target.namespace == ""
	switch x.r.Method {
	case http.MethodGet, http.MethodHead:
		switch {
		case watching:
			return x.watch()
		case !named:
			return x.list()
		case !rooted:
			return x.get()
		}
	case http.MethodPost:
		if !named && !rooted {
			return x.changing(x.post)
		}
	case http.MethodPut:
		if named && !rooted {
			return x.changing(x.put)
		}
	case http.MethodPatch:
		if named && !rooted {
			return x.changing(x.patch)
		}
	case http.MethodDelete:
		switch {
		case x.subresource != "" || rooted:
		case named:
			return x.changing(x.deleteOne)
		default:
			return x.changing(x.deleteMany)
		}
	}
	return errors.NewMethodNotSupported(x.GroupResource, x.r.Method)
}

// changing runs a write. Its body is read first: a client may be slow, and must not hold a lock.
func (x *exchange) changing(do func() error) error {
	var err error
	if x.body, err = x.readBody(); err != nil {
		return err
	}
	return do()
}

// wantsWatch reads the watch parameter as the API's own conversion does.
func wantsWatch(r *http.Request) bool {
	values := r.URL.Query()["watch"]
	var watch bool
	_ = runtime.Convert_Slice_string_To_bool(&values, &watch, conversion.Scope(nil))
	return watch
}

func (x *exchange) readBody() ([]byte, error) {
	limit := x.config.BodyLimit
	body, err := io.ReadAll(io.LimitReader(x.r.Body, limit+1))
	if err != nil {
		return nil, errors.NewBadRequest("the body cannot be read: " + err.Error())
	}
	if int64(len(body)) > limit {
		return nil, errTooLarge(limit)
	}
	return body, nil
}

// commit runs a change of an object of the URL's namespace. Changes of CustomResourceDefinitions change what is served.
func (x *exchange) commit(name string, how writeOptions, change func(*write) (o *store.Object, removed bool, err error)) (*store.Object, bool, error) {
	if x.isDefinition() {
		x.definitions.Lock()
		defer x.definitions.Unlock()
	}
	var o *store.Object
	var removed bool
	err := x.store.Update(func(tx *store.Tx) (err error) {
		o, removed, err = change(&write{
			Server: x.Server, version: x.version, tx: tx,
			namespace: x.target.namespace, name: name, subresource: x.subresource,
			dryRun: how.dryRun, manager: how.manager,
		})
		return err
	})
	if err == nil && x.isDefinition() && !how.dryRun {
		if removed {
			x.uninstall(o.Meta.Name)
		} else if x.subresource == "" && o.Meta.DeletionTimestamp == nil {
			err = x.install()
		}
	}
	return o, removed, err
}

// reply sends one object.
func (x *exchange) reply(code int, o *store.Object, warnings []string) error {
	var body []byte
	switch x.output.form {
	case metadataOnly:
		body = o.AppendMetadata(nil, partialTypeMeta(x.output.apiVersion))
	case asTable:
		var err error
		body, err = x.tabulate([]*store.Object{o}, metav1.ListMeta{ResourceVersion: o.Meta.ResourceVersion}, x.output.table)
		if err != nil {
			return err
		}
	default:
		body = o.AppendJSON(nil, x.typeMeta)
	}
	addWarnings(x.w, warnings)
	writeBody(x.w, code, body)
	return nil
}

func (x *exchange) get() error {
	o := x.table.Get(x.target.namespace, x.target.name)
	if o == nil {
		return errors.NewNotFound(x.GroupResource, x.target.name)
	}
	return x.reply(http.StatusOK, o, nil)
}

// writeOptions are what the query says of a write.
type writeOptions struct {
	dryRun  bool
	manager string
	mode    strictness
}

func (x *exchange) writeOptions(dryRun []string, fieldManager, fieldValidation string) writeOptions {
	if fieldManager == "" {
		fieldManager = managerOf(x.r.UserAgent())
	}
	return writeOptions{
		dryRun: slices.Contains(dryRun, metav1.DryRunAll), manager: fieldManager, mode: strictnessOf(fieldValidation),
	}
}
