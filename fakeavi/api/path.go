package api

import "strings"

// cleanPath brings a request's path into one form: single slashes, none at the end. Clients write "//api/cluster" (the SDK joins
// a host that ends in a slash with a path that starts with one) and "/api/gslbservice/".
func cleanPath(path string) string {
	path = embeddedPath(path)
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	return "/" + strings.Join(parts, "/")
}

// embeddedPath finds the path in a path that is a whole URL: the SDK follows the absolute `next` of a collection by putting it
// behind its own host ("https://h/https://h/api/x?page=2"). UNCONFIRMED: what the product's portal answers to that; answering
// the page is the choice under which the SDK's GetCollection returns all pages.
func embeddedPath(path string) string {
	rest := strings.TrimLeft(path, "/")
	if !strings.HasPrefix(rest, "http:/") && !strings.HasPrefix(rest, "https:/") {
		return path
	}
	if i := strings.Index(rest, "/api/"); i >= 0 {
		return rest[i:]
	}
	return path
}

// resource splits "/api/<type>/<uuid>/<sub...>"; ok is false for paths outside /api.
func resource(path string) (typ, uuid, sub string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return "", "", "", false
	}
	typ, rest, _ = strings.Cut(rest, "/")
	uuid, sub, _ = strings.Cut(rest, "/")
	return typ, uuid, sub, true
}
