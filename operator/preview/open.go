package preview

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// open fills in what AKO writes on objects and files do not have: the VIP in the status, and the uuids of controller and virtual
// service. An object that is behind a service of the controller gets what that has. For others the values are open: an address
// that no network has stands for the VIP.
type open struct {
	known map[string]model.StoredMember // by source
	vips  map[netip.Addr]string         // open address -> what it stands for
	where map[string]netip.Addr         // what it stands for -> open address
	left  []string                      // objects that were left out
}

// openUUID stands for a uuid that is open.
const openUUID = "open"

// Annotations of AKO.
const (
	annotationVirtualServices = "ako.vmware.com/host-fqdn-vs-uuid-map"
	annotationController      = "ako.vmware.com/controller-cluster-uuid"
)

func newOpen(inventory *plan.Inventory) open {
	o := open{known: map[string]model.StoredMember{}, vips: map[netip.Addr]string{}, where: map[string]netip.Addr{}}
	var services []model.StoredService
	for _, fqdn := range inventory.FQDNs() {
		services = append(services, inventory.Services(fqdn)...)
	}
	controllers := map[string]map[string]bool{} // cluster -> controllers
	for _, s := range services {
		if !inOrder(s) {
			continue
		}
		for i, src := range s.Sources {
			o.known[src.String()] = s.Members[i]
			if controllers[src.Cluster] == nil {
				controllers[src.Cluster] = map[string]bool{}
			}
			controllers[src.Cluster][s.Members[i].Controller] = true
		}
	}
	for _, s := range services {
		if !inOrder(s) {
			o.learn(s, controllers)
		}
	}
	return o
}

// inOrder is whether the members of a service stand in the order of its sources: there are as many, in one pool.
func inOrder(s model.StoredService) bool {
	return len(s.Members) == len(s.Sources) &&
		!slices.ContainsFunc(s.Members, func(m model.StoredMember) bool { return m.Priority != s.Members[0].Priority })
}

// learn tells the members of a service with several pools apart by their controllers, where each cluster has one of its own.
func (o open) learn(s model.StoredService, controllers map[string]map[string]bool) {
	for _, cluster := range slices.Sorted(maps.Keys(controllers)) {
		var sources []model.Source
		for _, src := range s.Sources {
			if src.Cluster == cluster {
				sources = append(sources, src)
			}
		}
		var members []model.StoredMember
		for _, m := range s.Members {
			if m.Controller != "" && controllers[cluster][m.Controller] {
				members = append(members, m)
			}
		}
		if len(sources) == 1 && len(members) == 1 && !sharedController(cluster, members[0].Controller, controllers) {
			o.known[sources[0].String()] = members[0]
		}
	}
}

func sharedController(cluster, controller string, controllers map[string]map[string]bool) bool {
	for other, of := range controllers {
		if other != cluster && of[controller] {
			return true
		}
	}
	return false
}

// served are the objects of a cluster as AKO leaves them.
func (o *open) served(cluster string, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	out := make([]*unstructured.Unstructured, len(objects))
	for i, object := range objects {
		out[i] = object.DeepCopy()
		switch object.GetKind() {
		case "Ingress":
			o.ingress(cluster, out[i])
		case "Service":
			o.service(cluster, out[i])
		case "MultiClusterIngress":
			o.loadBalancer(cluster, model.MultiCluster, out[i], text(out[i], "spec", "hostname"))
		case "Route":
			o.route(cluster, out[i])
		case "Gateway":
			o.gateway(cluster, out[i])
		case "HostRule":
			if text(out[i], "status", "status") == "" {
				set(out[i], "Accepted", "status", "status")
			}
		}
	}
	return out
}

func (o *open) ingress(cluster string, u *unstructured.Unstructured) {
	rules, _, _ := unstructured.NestedSlice(u.Object, "spec", "rules")
	var hosts []string
	for _, rule := range rules {
		if object, _ := rule.(map[string]any); object != nil {
			if host, _ := object["host"].(string); host != "" && !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	o.loadBalancer(cluster, model.Ingress, u, hosts...)
}

// service fills in a Service of type LoadBalancer. AKO makes its host name of settings of its own, so that only one that the
// controller has is known.
func (o *open) service(cluster string, u *unstructured.Unstructured) {
	if text(u, "spec", "type") != "LoadBalancer" || hasStatus(u) {
		return
	}
	src := model.Source{Kind: model.LoadBalancer, Cluster: cluster, Namespace: u.GetNamespace(), Name: u.GetName()}
	host := u.GetAnnotations()["ako.vmware.com/host-fqdn"]
	if host == "" {
		host = u.GetAnnotations()["external-dns.alpha.kubernetes.io/hostname"]
	}
	if _, known := o.known[src.String()]; host == "" && !known {
		o.left = append(o.left, src.String())
		return
	}
	o.loadBalancer(cluster, model.LoadBalancer, u, host)
}

func hasStatus(u *unstructured.Unstructured) bool {
	entries, _, _ := unstructured.NestedSlice(u.Object, "status", "loadBalancer", "ingress")
	return len(entries) > 0
}

// loadBalancer fills in status.loadBalancer and the annotations.
func (o *open) loadBalancer(cluster string, kind model.Kind, u *unstructured.Unstructured, hosts ...string) {
	if hasStatus(u) {
		return
	}
	var entries []any
	members := map[string]model.StoredMember{}
	for _, host := range hosts {
		if host == "" {
			continue
		}
		m := o.member(model.Source{Kind: kind, Cluster: cluster, Namespace: u.GetNamespace(), Name: u.GetName(), Host: host}, host)
		members[host] = m
		entries = append(entries, map[string]any{"hostname": host, "ip": m.VIP.String()})
	}
	if len(entries) == 0 {
		return
	}
	set(u, entries, "status", "loadBalancer", "ingress")
	annotate(u, members)
}

func (o *open) route(cluster string, u *unstructured.Unstructured) {
	entries, _, _ := unstructured.NestedSlice(u.Object, "status", "ingress")
	host := text(u, "spec", "host")
	if len(entries) > 0 || host == "" {
		return
	}
	m := o.member(model.Source{Kind: model.Route, Cluster: cluster, Namespace: u.GetNamespace(), Name: u.GetName(), Host: host}, host)
	set(u, []any{map[string]any{
		"host": host, "routerName": "ako-" + cluster, "conditions": []any{map[string]any{"message": m.VIP.String()}},
	}}, "status", "ingress")
	annotate(u, map[string]model.StoredMember{host: m})
}

func (o *open) gateway(cluster string, u *unstructured.Unstructured) {
	addresses, _, _ := unstructured.NestedSlice(u.Object, "status", "addresses")
	if len(addresses) > 0 {
		return
	}
	vip := o.address(fmt.Sprintf("Gateway %s/%s in %s", u.GetNamespace(), u.GetName(), cluster))
	set(u, []any{map[string]any{"type": "IPAddress", "value": vip.String()}}, "status", "addresses")
}

// member is what the controller has for a source, or an open one.
func (o *open) member(src model.Source, host string) model.StoredMember {
	if m, ok := o.known[src.String()]; ok {
		return m
	}
	return model.StoredMember{VIP: o.address(host + " in " + src.Cluster), Controller: openUUID, VirtualService: openUUID}
}

// address is the open address that stands for something: the first free one of 240.0.0.0/4, which is reserved (RFC 1112).
func (o *open) address(of string) netip.Addr {
	if addr, ok := o.where[of]; ok {
		return addr
	}
	n := len(o.where) + 1
	addr := netip.AddrFrom4([4]byte{240, byte(n >> 16), byte(n >> 8), byte(n)})
	o.where[of], o.vips[addr] = addr, of
	return addr
}

// annotate adds AKO's annotations where there are none.
func annotate(u *unstructured.Unstructured, members map[string]model.StoredMember) {
	annotations := maps.Clone(u.GetAnnotations())
	if annotations == nil {
		annotations = map[string]string{}
	}
	if annotations[annotationController] != "" {
		return
	}
	services := map[string]string{}
	for host, m := range members {
		services[host] = m.VirtualService
		if annotations[annotationController] == "" || annotations[annotationController] == openUUID {
			annotations[annotationController] = m.Controller
		}
	}
	raw, err := json.Marshal(services)
	if err != nil {
		return // strings can always be encoded
	}
	annotations[annotationVirtualServices] = string(raw)
	u.SetAnnotations(annotations)
}

// openInBody finds open addresses in bodies; openShown is how many a note names.
var openInBody = regexp.MustCompile(`"(240\.[0-9.]+)"`)

const openShown = 10

// notes say what is open in some changes, and what was left out.
func (o *open) notes(changes []Change) []string {
	var notes []string
	needed := map[netip.Addr]bool{}
	for _, c := range changes {
		for _, text := range openInBody.FindAllSubmatch(c.Body, -1) {
			if addr, err := netip.ParseAddr(string(text[1])); err == nil && o.vips[addr] != "" {
				needed[addr] = true
			}
		}
	}
	var vips []string
	for _, addr := range slices.SortedFunc(maps.Keys(needed), netip.Addr.Compare) {
		vips = append(vips, o.vips[addr])
	}
	if n := len(vips); n > openShown {
		vips = append(vips[:openShown], fmt.Sprintf("and %d more", n-openShown))
	}
	if len(vips) > 0 {
		notes = append(notes, "VIPs that neither the files nor the controller tell, because AKO gives them, are open: "+strings.Join(vips, ", "))
	}
	if len(o.left) > 0 {
		notes = append(notes, "AKO decides about the host names of these, and they are left out: "+strings.Join(o.left, ", "))
	}
	return notes
}

// name is what an address stands for, if it is open.
func (o *open) name(value any) (string, bool) {
	s, _ := value.(string)
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return "", false
	}
	of, ok := o.vips[addr]
	return of, ok
}

func text(u *unstructured.Unstructured, fields ...string) string {
	value, _, _ := unstructured.NestedString(u.Object, fields...)
	return value
}

func set(u *unstructured.Unstructured, value any, fields ...string) {
	// It fails only where a parent is no object, and then the object cannot be read anyway.
	_ = unstructured.SetNestedField(u.Object, value, fields...)
}
