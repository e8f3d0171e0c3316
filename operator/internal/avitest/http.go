package avitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// errDropped is what a client sees of a connection that the controller closes.
var errDropped = errors.New("connection reset by peer")

// Hosts are controllers by host name, which may come and go while clients use them.
type Hosts struct {
	mu sync.Mutex
	m  map[string]*Controller
}

// NewHosts returns the controllers of m, by host name.
func NewHosts(m map[string]*Controller) *Hosts { return &Hosts{m: maps.Clone(m)} }

// Get returns the controller at a host name, nil if there is none.
func (h *Hosts) Get(name string) *Controller {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.m[name]
}

// Put puts a controller at a host name; nil makes the host refuse connections.
func (h *Hosts) Put(name string, c *Controller) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.m[name] = c
}

// RoundTrip answers at once for the controller that the request's host name has now; a host without one refuses the
// connection. It blocks on nothing but on a fault that hangs, so that it may be used in virtual time.
func (h *Hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	c := h.Get(r.URL.Host)
	if c == nil {
		return nil, fmt.Errorf("dial tcp %s: connect: connection refused", r.URL.Host)
	}
	w := httptest.NewRecorder()
	switch f := c.serve(w, r); {
	case f != nil && f.Hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case f != nil && f.Drop:
		return nil, errDropped
	}
	return w.Result(), nil
}

// serve answers a request, and returns the fault that it met, nil if none.
func (c *Controller) serve(w http.ResponseWriter, r *http.Request) *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := Request{
		Verb: r.Method, Query: r.URL.RawQuery, Tenant: r.Header.Get("X-Avi-Tenant"),
		Path: strings.TrimSuffix(strings.TrimPrefix(strings.TrimLeft(r.URL.Path, "/"), "api/"), "/"),
	}
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		req.Body = string(body)
	}
	c.log = append(c.log, req)
	if c.fault != nil {
		if f := c.fault(req); f != nil {
			if f.Applied {
				c.answer(httptest.NewRecorder(), r, req)
			}
			if !f.Drop && !f.Hang {
				f.answer(w)
			}
			return f
		}
	}
	c.answer(w, r, req)
	return nil // no fault
}

func (f *Fault) answer(w http.ResponseWriter) {
	for key, value := range f.Header {
		w.Header().Set(key, value)
	}
	w.WriteHeader(f.Status)
	if f.Raw != "" {
		_, _ = io.WriteString(w, f.Raw)
	} else if f.Message != "" {
		_, _ = w.Write(encode(map[string]any{"error": f.Message}))
	}
}

func (c *Controller) answer(w http.ResponseWriter, r *http.Request, req Request) {
	if req.Path == "login" {
		c.login(w, req)
		return
	}
	cookie, err := r.Cookie("sessionid")
	if err != nil || !c.sessions[cookie.Value] {
		refuse(w, http.StatusUnauthorized, "Authentication credentials were not provided.")
		return
	}
	kind, uuid, _ := strings.Cut(req.Path, "/")
	switch {
	case req.Path == "cluster":
		reply(w, http.StatusOK, map[string]any{"uuid": c.settings.Self, "name": c.settings.Self})
	case req.Path == "gslb":
		c.list(w, req, []map[string]any{c.settings.gslb()})
	case r.Method == http.MethodGet:
		c.list(w, req, c.matching(kind, req.Tenant, r.URL.Query()))
	default:
		c.write(w, req, kind, uuid)
	}
}

func (c *Controller) login(w http.ResponseWriter, req Request) {
	var credentials struct{ Username, Password string }
	_ = json.Unmarshal([]byte(req.Body), &credentials)
	if credentials.Username != c.settings.Username || credentials.Password != c.settings.Password {
		refuse(w, http.StatusUnauthorized, "Invalid credentials")
		return
	}
	c.lastSession++
	id := fmt.Sprintf("session-%d", c.lastSession)
	c.sessions[id] = true
	for _, name := range []string{"csrftoken", "sessionid", "avi-sessionid"} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: id})
	}
	reply(w, http.StatusOK, map[string]any{})
}

// gslb is the GSLB configuration as this controller sees it.
func (s Settings) gslb() map[string]any {
	var sites, thirdParty []any
	for _, site := range s.Sites {
		sites = append(sites, map[string]any{
			"name": site.Name, "cluster_uuid": site.Cluster, "member_type": "GSLB_ACTIVE_MEMBER",
			"ip_addresses": []any{map[string]any{"addr": site.Address, "type": "V4"}},
		})
	}
	for _, name := range s.ThirdParty {
		thirdParty = append(thirdParty, map[string]any{"name": name})
	}
	return map[string]any{
		"uuid": "gslb-1", "name": "Default", "leader_cluster_uuid": s.Leader, "sites": sites,
		"third_party_sites": thirdParty, "view_id": s.View, "maintenance_mode": s.Maintenance,
	}
}

func (c *Controller) matching(kind, tenant string, query map[string][]string) []map[string]any {
	var found []map[string]any
	for _, o := range c.objects[kind] {
		if !visible(tenant, tenantName(o)) {
			continue
		}
		matches := true
		for _, field := range []string{"name", "created_by", "is_federated"} {
			if want := query[field]; len(want) > 0 && fmt.Sprint(o[field]) != want[0] {
				matches = false
			}
		}
		if matches {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b map[string]any) int { return strings.Compare(a["uuid"].(string), b["uuid"].(string)) })
	return found
}

func visible(asking, owner string) bool { return asking == "*" || asking == owner || owner == "admin" }

func (c *Controller) list(w http.ResponseWriter, req Request, found []map[string]any) {
	q := parseQuery(req.Query)
	size, number := atoi(q["page_size"], 25), atoi(q["page"], 1)
	start, end := min((number-1)*size, len(found)), min(number*size, len(found))
	body := map[string]any{"count": len(found), "results": append([]map[string]any{}, found[start:end]...)}
	if end < len(found) {
		body["next"] = fmt.Sprintf("https://controller/api/%s?page=%d", req.Path, number+1)
	}
	reply(w, http.StatusOK, body)
}

func parseQuery(raw string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		out[key] = value
	}
	return out
}

func atoi(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return n
}

func reply(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_, _ = w.Write(encode(body))
}

func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"error": message})
}
