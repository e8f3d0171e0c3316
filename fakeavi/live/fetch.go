package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Remote is a controller to be read through its REST API.
type Remote struct {
	// Host is "host", "host:port" or "http://host:port".
	Host     string
	Username string
	Password string
	// Version is sent as X-Avi-Version; the SDK's if empty.
	Version string
	// PageSize is how many objects are asked for at once, 200 if 0.
	PageSize int
	// Progress is told each type with the number of its objects, or why it was left out; may be nil.
	Progress func(typ string, objects int, left error)
}

// Fetch reads everything that a controller shows of the object types that this program knows, in the form that a State
// has. Types that the controller does not have, or does not let the user read, are left out. Objects that change while
// pages are read are taken as their last page showed them. The error is that of the login, or of a reply that makes no
// sense.
func Fetch(r Remote) (*State, error) {
	options := []func(*session.AviSession) error{session.SetPassword(r.Password), session.SetInsecure, session.SetTenant("admin")}
	if r.Version != "" {
		options = append(options, session.SetVersion(r.Version))
	}
	s, err := session.NewAviSession(r.Host, r.Username, append(options, session.DisableControllerStatusCheckOnFailure(true))...)
	if err != nil {
		return nil, fmt.Errorf("log in to %s: %w", r.Host, err)
	}
	defer func() { _ = s.Logout() }()
	if r.PageSize == 0 {
		r.PageSize = 200
	}
	f := &fetcher{session: s, remote: r, tenants: map[string]string{}}
	for _, t := range fetchOrder(schema.Load()) {
		objects, err := f.collection(t)
		if err != nil && !left(err) {
			return nil, fmt.Errorf("read %s: %w", t.Name, err)
		}
		if r.Progress != nil {
			r.Progress(t.Name, len(objects), err)
		}
		f.take(t, objects)
	}
	return f.state()
}

// left reports whether an error says that a type is not to be had.
func left(err error) bool {
	var e session.AviError
	return errors.As(err, &e) && slices.Contains([]int{
		http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
	}, e.HttpStatusCode)
}

// fetchOrder is tenants first, whose names the others need.
func fetchOrder(s *schema.Schema) []*schema.Type {
	types := slices.Clone(s.Types())
	slices.SortStableFunc(types, func(a, b *schema.Type) int {
		switch {
		case a.Name == b.Name:
			return 0
		case a.Name == "tenant":
			return -1
		case b.Name == "tenant":
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return types
}

type fetcher struct {
	session *session.AviSession
	remote  Remote
	tenants map[string]string // names by uuid
	records []store.Record
	latest  int64
}

// collection reads all objects of a type, page by page, in all tenants.
func (f *fetcher) collection(t *schema.Type) ([]map[string]any, error) {
	if t.Singleton || t.Name == "cluster" {
		var one map[string]any
		if err := f.session.Get("api/"+t.Name, &one); err != nil {
			return nil, err
		}
		return []map[string]any{one}, nil
	}
	var all []map[string]any
	for page := 1; ; page++ {
		path := "api/" + t.Name + "?page_size=" + strconv.Itoa(f.remote.PageSize) + "&page=" + strconv.Itoa(page)
		var reply struct {
			Results []map[string]any `json:"results"`
			Next    string           `json:"next"`
		}
		if err := f.session.Get(path, &reply, session.SetOptTenant(store.AllTenants)); err != nil {
			return nil, err
		}
		all = append(all, reply.Results...)
		if reply.Next == "" || len(reply.Results) == 0 {
			return all, nil
		}
	}
}

// take makes records of the objects of a type. An object that two pages showed is taken once.
func (f *fetcher) take(t *schema.Type, objects []map[string]any) {
	seen := map[string]int{}
	for _, body := range objects {
		uuid, _ := body["uuid"].(string)
		if uuid == "" {
			continue
		}
		if t.Name == "tenant" {
			f.tenants[uuid], _ = body["name"].(string)
		}
		modified, _ := body["_last_modified"].(string)
		number, _ := strconv.ParseInt(modified, 10, 64)
		f.latest = max(f.latest, number)
		record := store.Record{Type: t.Name, UUID: uuid, Tenant: f.tenantOf(body), Modified: number, Body: local(body)}
		if at, again := seen[uuid]; again {
			f.records[at] = record
			continue
		}
		seen[uuid] = len(f.records)
		f.records = append(f.records, record)
	}
}

// tenantOf names the tenant that an object belongs to.
func (f *fetcher) tenantOf(body map[string]any) string {
	ref, _ := body["tenant_ref"].(string)
	uuid := ref[strings.LastIndex(ref, "/")+1:]
	uuid, name, _ := strings.Cut(uuid, "#")
	switch known := f.tenants[uuid]; {
	case known != "":
		return known
	case name != "":
		return name
	}
	return store.AdminTenant
}

// local is a body as a store keeps it: references are paths, what replies make up is left out.
func local(body map[string]any) map[string]any {
	out := make(map[string]any, len(body))
	for k, v := range body {
		if k != "url" && k != "tenant_ref" {
			out[k] = localValue(k, v)
		}
	}
	return out
}

func localValue(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = localValue(k, e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = localValue(key, e)
		}
		return out
	case string:
		if strings.HasSuffix(key, "_ref") || strings.HasSuffix(key, "_refs") {
			return localRef(v)
		}
	}
	return v
}

// localRef turns "https://host/api/pool/pool-1#name" into "/api/pool/pool-1"; other texts stay.
func localRef(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" {
		return text
	}
	return u.Path
}

// state puts the records into the form of a State.
func (f *fetcher) state() (*State, error) {
	name := f.remote.Host
	for _, r := range f.records {
		if r.Type == "cluster" {
			name, _ = r.Body["name"].(string)
		}
	}
	text, err := json.Marshal(map[string]any{"version": len(f.records), "modified": f.latest, "objects": f.records})
	if err != nil {
		return nil, err
	}
	return &State{Controllers: []ControllerState{{Name: name, Store: text}}}, nil
}
