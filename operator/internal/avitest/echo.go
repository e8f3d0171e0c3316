package avitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// Echo is a controller that accepts everything, keeps nothing and answers at once, for benchmarks: what is measured over it is
// the operator. It is safe for concurrent use.
type Echo struct{ made atomic.Int64 }

// RoundTrip answers a request.
func (e *Echo) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimSuffix(strings.TrimPrefix(strings.TrimLeft(r.URL.Path, "/"), "api/"), "/")
	var body []byte
	switch {
	case path == "login":
		body = []byte(`{}`)
	case path == "cluster":
		body = []byte(`{"uuid":"cluster-1","name":"cluster-1"}`)
	case path == "gslb":
		body = []byte(`{"count":1,"results":[{"uuid":"gslb-1","name":"Default","leader_cluster_uuid":"cluster-1"}]}`)
	case r.Method == http.MethodGet:
		body = []byte(`{"count":0,"results":[]}`)
	case r.Method == http.MethodDelete:
	default:
		object := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&object); err != nil {
			return nil, err
		}
		body = encode(e.stored(path, r.Header.Get("X-Avi-Tenant"), object))
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

// stored is an object as a controller would hold it.
func (e *Echo) stored(path, tenant string, o map[string]any) map[string]any {
	kind, uuid, _ := strings.Cut(path, "/")
	n := e.made.Add(1)
	if uuid == "" {
		uuid = fmt.Sprintf("%s-%d", kind, n)
	}
	o["uuid"], o["_last_modified"] = uuid, fmt.Sprint(n)
	o["url"] = fmt.Sprintf("https://controller/api/%s/%s#%s", kind, uuid, o["name"])
	o["tenant_ref"] = "https://controller/api/tenant/" + tenant + "#" + tenant
	for i, ref := range list(o["health_monitor_refs"]) {
		if _, name, ok := strings.Cut(ref.(string), "?name="); ok {
			list(o["health_monitor_refs"])[i] = "https://controller/api/healthmonitor/healthmonitor-of-" + name + "#" + name
		}
	}
	return o
}
