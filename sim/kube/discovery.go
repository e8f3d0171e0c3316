package kube

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"

	"github.com/munnerz/goautoneg"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilversion "k8s.io/apimachinery/pkg/util/version"
	apimachineryversion "k8s.io/apimachinery/pkg/version"
)

// aggregatedType is the content type of the discovery of all groups at once.
const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

func (s *Server) versionInfo() apimachineryversion.Info {
	v := apimachineryversion.Info{GitVersion: s.config.Version, GoVersion: runtime.Version(), Compiler: runtime.Compiler,
		Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if parsed, err := utilversion.ParseSemantic(s.config.Version); err == nil {
		v.Major, v.Minor = fmt.Sprint(parsed.Major()), fmt.Sprint(parsed.Minor())
	}
	return v
}

// serveDiscovery answers what lies above resources: /api, /apis and the paths of groups and versions.
func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request, path string) {
	catalog := s.catalog.Load()
	catalog.docsOnce.Do(func() { catalog.docs = catalog.discovery() })
	if path == "/api" || path == "/apis" {
		if doc, ok := catalog.docs[path+aggregated]; ok && acceptsAggregated(r) {
			w.Header().Add("Vary", "Accept")
			writeTyped(w, http.StatusOK, aggregatedType, doc)
			return
		}
	}
	doc, ok := catalog.docs[path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	writeTyped(w, http.StatusOK, jsonType, doc)
}

// aggregated marks the documents of aggregated discovery among those of a catalog.
const aggregated = "#aggregated"

// acceptsAggregated says whether a client prefers discovery of all groups at once, in the version that is served.
func acceptsAggregated(r *http.Request) bool {
	for _, clause := range goautoneg.ParseAccept(r.Header.Get("Accept")) {
		if !acceptsJSON(clause) {
			continue
		}
		switch clause.Params["as"] {
		case "APIGroupDiscoveryList":
			if clause.Params["g"] == apidiscoveryv2.GroupName && clause.Params["v"] == "v2" {
				return true
			}
		case "":
			return false
		}
	}
	return false
}

// discovery returns all discovery documents.
func (c *catalog) discovery() map[string][]byte {
	docs := map[string][]byte{}
	add := func(path string, doc any) {
		encoded, err := json.Marshal(doc)
		if err != nil {
			panic(err) // plain structs of strings
		}
		docs[path] = encoded
	}
	groups := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{}}
	var core, others []apidiscoveryv2.APIGroupDiscovery
	for _, g := range c.groups {
		for _, gv := range g.versions {
			add(gv.path(), gv.resourceList())
		}
		if g.name == "" {
			add("/api", metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: g.versionNames(),
				ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{}})
			core = append(core, g.aggregated())
			continue
		}
		group := g.group()
		groups.Groups = append(groups.Groups, group)
		group.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
		add("/apis/"+g.name, group)
		others = append(others, g.aggregated())
	}
	add("/apis", groups)
	list := apidiscoveryv2.APIGroupDiscoveryList{
		TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: apidiscoveryv2.SchemeGroupVersion.String()},
	}
	list.Items = core
	add("/api"+aggregated, list)
	list.Items = others
	add("/apis"+aggregated, list)
	return docs
}

func (g apiGroup) versionNames() []string {
	var names []string
	for _, gv := range g.versions {
		names = append(names, gv.Version)
	}
	return names
}

func (g apiGroup) group() metav1.APIGroup {
	group := metav1.APIGroup{Name: g.name}
	for _, gv := range g.versions {
		group.Versions = append(group.Versions, metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: gv.Version})
	}
	group.PreferredVersion = group.Versions[0]
	return group
}

func (g apiGroup) aggregated() apidiscoveryv2.APIGroupDiscovery {
	out := apidiscoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: g.name}}
	for _, gv := range g.versions {
		version := apidiscoveryv2.APIVersionDiscovery{Version: gv.Version, Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent}
		for _, v := range gv.resources {
			version.Resources = append(version.Resources, v.aggregated())
		}
		out.Versions = append(out.Versions, version)
	}
	return out
}

var (
	resourceVerbs = []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	statusVerbs   = []string{"get", "patch", "update"}
)

func (v *version) aggregated() apidiscoveryv2.APIResourceDiscovery {
	kind := metav1.GroupVersionKind(v.GroupVersionKind)
	out := apidiscoveryv2.APIResourceDiscovery{
		Resource: v.Resource, ResponseKind: &kind, Scope: apidiscoveryv2.ScopeCluster, SingularResource: v.singular,
		Verbs: resourceVerbs, ShortNames: v.shortNames, Categories: v.categories,
	}
	if v.namespaced {
		out.Scope = apidiscoveryv2.ScopeNamespace
	}
	if v.status {
		out.Subresources = []apidiscoveryv2.APISubresourceDiscovery{{Subresource: "status", ResponseKind: &kind, Verbs: statusVerbs}}
	}
	return out
}

func (gv groupVersion) path() string {
	if gv.Group == "" {
		return "/api/" + gv.Version
	}
	return "/apis/" + gv.Group + "/" + gv.Version
}

func (gv groupVersion) resourceList() metav1.APIResourceList {
	list := metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: gv.String(), APIResources: []metav1.APIResource{},
	}
	for _, v := range gv.resources {
		r := metav1.APIResource{
			Name: v.Resource, SingularName: v.singular, Namespaced: v.namespaced, Kind: v.Kind, Verbs: resourceVerbs,
			ShortNames: v.shortNames, Categories: v.categories,
		}
		list.APIResources = append(list.APIResources, r)
		if v.status {
			list.APIResources = append(list.APIResources, metav1.APIResource{
				Name: v.Resource + "/status", Namespaced: v.namespaced, Kind: v.Kind, Verbs: statusVerbs,
			})
		}
	}
	slices.SortFunc(list.APIResources, func(a, b metav1.APIResource) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
