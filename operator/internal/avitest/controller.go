// Package avitest is a small in-memory Avi controller for the tests of the operator: as much of the API as the operator
// uses, with the refusals that it has to cope with, a log of the requests, and faults.
//
// It is not the project's fake controller: the operator imports nothing of the project, also in tests.
package avitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Controller is one controller. All methods are safe for concurrent use.
type Controller struct {
	mu          sync.Mutex
	settings    Settings
	sessions    map[string]bool
	lastSession int

	objects map[string]map[string]map[string]any // type, uuid
	made    int
	stamp   int64

	log   []Request
	fault func(Request) *Fault
}

// Settings are what can be changed of a controller.
type Settings struct {
	Username, Password string
	// Self and Leader are uuids of controller clusters.
	Self, Leader string
	View         uint64
	Maintenance  bool
	Sites        []Site
	ThirdParty   []string
}

// Site is an active site of the federation.
type Site struct{ Name, Cluster, Address string }

// Request is one request as the controller received it.
type Request struct {
	Verb   string
	Path   string // without /api/
	Query  string
	Tenant string
	Body   string
}

// String is verb and path, for tables of expected calls.
func (r Request) String() string { return r.Verb + " " + r.Path }

// Fault is what happens to a request in place of, or after, its effect.
type Fault struct {
	Status  int
	Message string
	Header  map[string]string
	// Applied lets the request take effect before it is answered with the fault.
	Applied bool
	// Drop closes the connection without an answer; Hang leaves it open until the client gives up.
	Drop, Hang bool
	// Raw is the body of the answer, in place of the message in JSON.
	Raw string
}

// New returns a controller that leads a federation of its own, with user admin and password secret.
func New() *Controller {
	return &Controller{
		settings: Settings{Username: "admin", Password: "secret", Self: "cluster-1", Leader: "cluster-1"},
		sessions: map[string]bool{}, objects: map[string]map[string]map[string]any{},
	}
}

// Set changes the controller.
func (c *Controller) Set(change func(*Settings)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.settings)
}

// EndSessions ends all sessions.
func (c *Controller) EndSessions() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.sessions)
}

// OnRequest sets what decides on faults; nil, or the result nil, is no fault. The function is called under the
// controller's lock.
func (c *Controller) OnRequest(fault func(Request) *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = fault
}

// Calls returns the requests since the last call, logins and reads left out.
func (c *Controller) Calls() []string {
	var out []string
	for _, r := range c.Requests() {
		if r.Verb != http.MethodGet && r.Path != "login" {
			out = append(out, r.String())
		}
	}
	return out
}

// Requests returns the requests since the last call.
func (c *Controller) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := c.log
	c.log = nil
	return log
}

// Objects returns the objects of a type as JSON, ordered by tenant and name. What the controller adds by itself and does
// not depend on the operator (uuid, url, stamp) is left out.
func (c *Controller) Objects(kind string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, o := range c.objects[kind] {
		o = maps.Clone(o)
		for _, field := range []string{"uuid", "url", "_last_modified"} {
			delete(o, field)
		}
		out = append(out, string(encode(o)))
	}
	slices.Sort(out)
	return out
}

// Names returns "tenant/name" of the objects of a type, sorted.
func (c *Controller) Names(kind string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := []string{}
	for _, o := range c.objects[kind] {
		names = append(names, tenantName(o)+"/"+o["name"].(string))
	}
	slices.Sort(names)
	return names
}

// Put makes an object, or replaces the one of its tenant and name, as a person would.
func (c *Controller) Put(kind, tenant string, object map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := maps.Clone(object)
	if old := c.find(kind, tenant, o["name"].(string)); old != nil {
		o["uuid"] = old["uuid"]
	}
	c.store(kind, tenant, o)
}

// Edit changes an object that exists, as a person would.
func (c *Controller) Edit(kind, tenant, name string, change func(map[string]any)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(kind, tenant, name)
	change(o)
	c.stamp++
	o["_last_modified"] = fmt.Sprint(c.stamp)
}

// Remove deletes an object.
func (c *Controller) Remove(kind, tenant, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.objects[kind], c.find(kind, tenant, name)["uuid"].(string))
}

// Replicate makes the controller hold what another one holds, as a site does whose federation has a leader.
func (c *Controller) Replicate(leader *Controller) {
	if c == leader {
		return
	}
	leader.mu.Lock()
	objects, made, stamp := map[string]map[string]map[string]any{}, leader.made, leader.stamp
	if err := json.Unmarshal(encode(leader.objects), &objects); err != nil {
		panic(err)
	}
	leader.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects, c.made, c.stamp = objects, made, stamp
}

func (c *Controller) find(kind, tenant, name string) map[string]any {
	for _, o := range c.objects[kind] {
		if o["name"] == name && tenantName(o) == tenant {
			return o
		}
	}
	return nil
}

func (c *Controller) store(kind, tenant string, o map[string]any) map[string]any {
	c.stamp++
	if o["uuid"] == nil {
		c.made++
		o["uuid"] = fmt.Sprintf("%s-%04d", kind, c.made)
	}
	o["_last_modified"] = fmt.Sprint(c.stamp)
	o["url"] = fmt.Sprintf("https://controller/api/%s/%s#%s", kind, o["uuid"], o["name"])
	o["tenant_ref"] = "https://controller/api/tenant/" + tenant + "#" + tenant
	if c.objects[kind] == nil {
		c.objects[kind] = map[string]map[string]any{}
	}
	c.objects[kind][o["uuid"].(string)] = o
	return o
}

func tenantName(o map[string]any) string {
	ref, _ := o["tenant_ref"].(string)
	return ref[strings.LastIndexByte(ref, '#')+1:]
}

func encode(o any) []byte {
	body, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return body
}
