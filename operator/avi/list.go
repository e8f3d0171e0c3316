package avi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Limits of a list: objects of a page (the most that the SDK documents; AMKO asks for 100), pages of a list, and how often a
// list is read again that changed while it was read.
const (
	pageSize     = 200
	pageLimit    = 1000
	listAttempts = 3
)

// page is one page of a list.
type page struct {
	Count   int               `json:"count"`
	Results []json.RawMessage `json:"results"`
	Next    string            `json:"next"`
}

// List reads all objects of a type that match the query; references in them carry names. tenant "*" means all tenants.
//
// Pages are asked for by number: the SDK's own way of following the address of the next page asks for a host inside of the
// host, and takes the failure for an empty list. An object that is made or removed meanwhile may shift the pages; a list
// whose length is not the one that the controller counts is read again.
func (c *Client) List(ctx context.Context, kind, tenant string, query url.Values) ([]json.RawMessage, error) {
	var objects []json.RawMessage
	for range listAttempts {
		var count int
		var err error
		objects, count, err = c.list(ctx, kind, tenant, query)
		if err != nil {
			return nil, err
		}
		if len(objects) == count {
			break
		}
	}
	return objects, nil
}

func (c *Client) list(ctx context.Context, kind, tenant string, query url.Values) (objects []json.RawMessage, count int, err error) {
	seen := map[string]bool{}
	for number := 1; number <= pageLimit; number++ {
		p, err := c.page(ctx, kind, tenant, query, number)
		if err != nil {
			return nil, 0, err
		}
		for _, object := range p.Results {
			if id := identity(object); !seen[id] {
				seen[id] = true
				objects = append(objects, object)
			}
		}
		if p.Next == "" || len(p.Results) == 0 {
			return objects, p.Count, nil
		}
	}
	return nil, 0, &Error{
		Kind: Garbled, Verb: http.MethodGet, URI: "api/" + kind, Status: http.StatusOK,
		Message: fmt.Sprintf("the list has more than %d pages", pageLimit),
	}
}

func (c *Client) page(ctx context.Context, kind, tenant string, query url.Values, number int) (page, error) {
	q := url.Values{"page_size": {strconv.Itoa(pageSize)}, "include_name": {"true"}}
	for key, values := range query {
		q[key] = values
	}
	if number > 1 {
		q.Set("page", strconv.Itoa(number))
	}
	var p page
	return p, c.decode(ctx, tenant, kind, q, &p)
}

// decode reads an object or a page into a value.
func (c *Client) decode(ctx context.Context, tenant, path string, query url.Values, into any) error {
	body, err := c.Get(ctx, tenant, path, query)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &Error{
			Kind: Garbled, Verb: http.MethodGet, URI: "api/" + path, Status: http.StatusOK,
			Message: fmt.Sprintf("the reply cannot be read: %v", err), cause: err,
		}
	}
	return nil
}

// ByName reads the object of a type that has a name in a tenant, nil if there is none.
func (c *Client) ByName(ctx context.Context, kind, tenant, name string) (json.RawMessage, error) {
	own, _, err := c.named(ctx, kind, tenant, name)
	return own, err
}

// Visible reads the object of a type that a reference by name means in a tenant, nil if there is none. A tenant sees objects
// of other tenants too; its own comes first.
func (c *Client) Visible(ctx context.Context, kind, tenant, name string) (json.RawMessage, error) {
	own, other, err := c.named(ctx, kind, tenant, name)
	if own == nil {
		return other, err
	}
	return own, err
}

func (c *Client) named(ctx context.Context, kind, tenant, name string) (own, other json.RawMessage, err error) {
	objects, err := c.List(ctx, kind, tenant, url.Values{"name": {name}})
	if err != nil {
		return nil, nil, err
	}
	for _, object := range objects {
		if in := tenantOf(object); in == tenant || in == "" {
			return object, nil, nil
		}
		if other == nil {
			other = object
		}
	}
	return nil, other, nil
}

func identity(object json.RawMessage) string {
	var o struct{ UUID string }
	if json.Unmarshal(object, &o) != nil || o.UUID == "" {
		return string(object)
	}
	return o.UUID
}
