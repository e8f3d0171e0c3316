package lint

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// Render returns the GSLBConfig, the AMKOCluster and the GlobalDeploymentPolicy that AMKO's chart makes of values, as far as they
// say something about these; nothing if the source is no such values. Fields that do not fit stand as they are: Check names them.
func Render(s Source) []*unstructured.Unstructured {
	documents, _ := manifest.Parse(s.Name, s.Data, manifest.Options{}) // what cannot be read is no values
	var objects []*unstructured.Unstructured
	for i := range documents {
		if d := newDocument(&documents[i]); d.form == formValues {
			for _, r := range render(d) {
				objects = append(objects, &unstructured.Unstructured{Object: r.object})
			}
		}
	}
	return objects
}

// rendered is an object as AMKO's chart makes it of values.
type rendered struct {
	object map[string]any
	// origin says which field of the values a field of the object comes from.
	origin map[string]string
}

// render makes the objects of the chart that say something about GSLB, as far as the values go.
func render(d *document) []rendered {
	values := d.values()
	var list []rendered
	if configs := values.get("configs"); !configs.isEmpty() {
		r := newRendered("amko.vmware.com/v1alpha1", "GSLBConfig", "gc-1")
		if uuid := configs.get("amkoUUID").text(); uuid != "" {
			r.object["metadata"].(map[string]any)["annotations"] = map[string]any{"amko.vmware.com/amko-uuid": uuid}
		}
		r.copy("spec.gslbLeader.controllerIP", configs.get("gslbLeaderController"))
		r.copy("spec.gslbLeader.tenant", configs.get("tenant"))
		r.copyAll("spec", configs, "memberClusters", "refreshInterval", "logLevel", "useCustomGlobalFqdn")
		list = append(list, r)
	}
	if f := values.get("federation"); !f.isEmpty() {
		r := newRendered("amko.vmware.com/v1alpha1", "AMKOCluster", "amkocluster-federation")
		r.copy("spec.clusterContext", f.get("currentCluster"))
		r.copy("spec.isLeader", f.get("currentClusterIsLeader"))
		r.copy("spec.clusters", f.get("memberClusters"))
		r.set("spec.version", "chart")
		list = append(list, r)
	}
	if gdp := values.get("globalDeploymentPolicy"); !gdp.isEmpty() {
		r := newRendered("amko.vmware.com/v1alpha2", "GlobalDeploymentPolicy", "global-gdp")
		r.set("spec.matchRules", map[string]any{})
		r.copyAll("spec.matchRules", gdp, "appSelector", "namespaceSelector")
		r.copyAll("spec", gdp, policyKeys...)
		list = append(list, r)
	}
	return list
}

// policyKeys are the fields of a policy that the chart takes as they are. AMKO's own leaves out the last three.
var policyKeys = []string{
	"matchClusters", "trafficSplit", "ttl", "healthMonitorRefs", "healthMonitorTemplate", "sitePersistenceRef",
	"poolAlgorithmSettings", "downResponse", "pkiProfileRef", "controlPlaneHmOnly", "defaultDomain",
}

func newRendered(apiVersion, kind, name string) rendered {
	return rendered{origin: map[string]string{}, object: map[string]any{
		"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name, "namespace": operatorNamespace},
		"spec": map[string]any{},
	}}
}

// copy takes over a field. One that is empty is left out, as templates do.
func (r rendered) copy(field string, from node) {
	if from.isEmpty() {
		return
	}
	r.set(field, runtime.DeepCopyJSONValue(from.value))
	r.origin[field] = from.path
}

func (r rendered) copyAll(parent string, from node, keys ...string) {
	for _, key := range keys {
		r.copy(parent+"."+key, from.get(key))
	}
}

func (r rendered) set(field string, value any) {
	// The path is made of maps that newRendered and set have made.
	_ = unstructured.SetNestedField(r.object, value, strings.Split(field, ".")...)
}

// judge returns what is wrong with the object, at the fields of the values.
func (r rendered) judge(d *document) []fault {
	m := manifest.Document{File: d.File, Object: &unstructured.Unstructured{Object: r.object}}
	var faults []fault
	for _, f := range faultsOf(d, m.Check(manifest.Options{})) {
		field, ok := r.trace(f.Field)
		if !ok {
			continue // about something that the values do not say
		}
		f.Field = field
		f.Line, f.Column = d.Position(field)
		faults = append(faults, f)
	}
	return faults
}

// trace is the field of the values that a field of the object comes from.
func (r rendered) trace(field string) (string, bool) {
	for _, to := range slices.Backward(slices.Sorted(maps.Keys(r.origin))) {
		if rest, ok := strings.CutPrefix(field, to); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return r.origin[to] + rest, true
		}
	}
	return "", false
}
