package preview_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/operator/manifest"
	"github.com/gslbsim/gslbsim/operator/preview"
)

func load(t testing.TB, text, namespace string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := parse(text, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func parse(text, namespace string) ([]*unstructured.Unstructured, error) {
	documents, err := manifest.Load("objects", []byte(text), manifest.Options{Namespace: namespace, AllowUnknownKinds: true})
	var objects []*unstructured.Unstructured
	for _, d := range documents {
		objects = append(objects, d.Object)
	}
	return objects, err
}

func ExampleMake() {
	objects, err := parse(own, "avi-system")
	if err != nil {
		fmt.Println(err)
		return
	}
	east, err := parse(ingress("shop", "shop.example.com", "192.0.2.10", "/"), "default")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := preview.Make(context.Background(), preview.Input{
		Own: objects, Members: map[string][]*unstructured.Unstructured{"east": east},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := plan.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// + gslbservice admin/shop.example.com
	//     + pool amko-gs-group-10: priority 10, GSLB_ALGORITHM_ROUND_ROBIN
	//     + member 192.0.2.10 of pool amko-gs-group-10: ratio 1
	//     + health_monitor_refs: amko--da3a00f9462b307aca13bb42bbc31a08babaa316
	// + healthmonitor admin/amko--da3a00f9462b307aca13bb42bbc31a08babaa316
	//     + http_monitor.http_request: HEAD / HTTP/1.0
	//     + http_monitor.http_response_code: HTTP_2XX
	//     + http_monitor.http_response_code: HTTP_3XX
	//     + monitor_port: 80
	//     + type: HEALTH_MONITOR_HTTP
	//
	// note: cluster west is not given: its members stay as they are
	//
	// 2 to create, 0 to update, 0 to replace, 0 to delete, 0 unchanged
}

// held is a controller that has a service with a member in each cluster.
const held = `{"controllers":[{"name":"a","complete":true,"store":{"objects":[
{"type":"cluster","uuid":"cluster-1","tenant":"admin","body":{"name":"a"}},
{"type":"gslb","uuid":"gslb-1","tenant":"admin","body":{"name":"Default","leader_cluster_uuid":"cluster-1","sites":[{"name":"a","cluster_uuid":"cluster-1"}]}},
{"type":"healthmonitor","uuid":"healthmonitor-1","tenant":"admin","body":{"name":"amko--da3a00f9462b307aca13bb42bbc31a08babaa316","type":"HEALTH_MONITOR_HTTP",
 "is_federated":true,"allow_duplicate_monitors":true,"send_interval":10,"receive_timeout":4,"successful_checks":3,"failed_checks":3,"monitor_port":80,
 "markers":[{"key":"created-by","values":["amko-11111111-2222-3333-4444-555555555555"]}],
 "description":"created by: amko, gsname: shop.example.com, path: /, protocol: http",
 "http_monitor":{"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX","HTTP_3XX"]}}},
{"type":"gslbservice","uuid":"gslbservice-1","tenant":"admin","body":{"name":"shop.example.com","domain_names":["shop.example.com"],
 "created_by":"amko-11111111-2222-3333-4444-555555555555","description":"INGRESS/east/web/shop/shop.example.com,INGRESS/west/web/shop/shop.example.com",
 "enabled":true,"is_federated":true,"controller_health_status_enabled":true,"health_monitor_scope":"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS",
 "pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","min_members":0,"resolve_cname":false,"use_edns_client_subnet":true,"wildcard_match":false,
 "site_persistence_enabled":false,"health_monitor_refs":["/api/healthmonitor/healthmonitor-1"],
 "groups":[{"name":"amko-gs-group-10","priority":10,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true,"min_health_monitors_up":2,"members":[
  {"ip":{"addr":"10.1.0.1","type":"V4"},"ratio":1,"enabled":true,"cluster_uuid":"cluster-1","vs_uuid":"virtualservice-1"},
  {"ip":{"addr":"10.2.0.1","type":"V4"},"ratio":1,"enabled":true,"cluster_uuid":"cluster-2","vs_uuid":"virtualservice-2"}]}]}}
]}}]}`

// git is an Ingress as it is kept in a repository: without what AKO writes.
const git = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: web, labels: {app: gslb}}
spec: {rules: [{host: shop.example.com}]}
`

func snapshot(t *testing.T) *preview.Snapshot {
	t.Helper()
	s, err := preview.ReadSnapshot([]byte(held))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func texts(t *testing.T, p *preview.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What the files do not tell is taken from the controller: VIPs of objects it knows, and the members of clusters not given.
func TestWhatFilesDoNotTellComesFromTheController(t *testing.T) {
	for name, members := range map[string]map[string][]*unstructured.Unstructured{
		"no status":       {"east": load(t, git, "default"), "west": load(t, git, "default")},
		"no west":         {"east": load(t, git, "default")},
		"no east no west": {},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			plan, err := preview.Make(context.Background(), preview.Input{Own: load(t, own, "avi-system"), Members: members, Controller: snapshot(t)})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(plan.Changes).To(BeEmpty(), texts(t, plan))
			g.Expect(plan.Unchanged).To(Equal(2))
		})
	}
}

// A cluster that is given without the object loses its member.
func TestAGivenClusterWithoutTheObject(t *testing.T) {
	g := NewWithT(t)
	plan, err := preview.Make(context.Background(), preview.Input{Own: load(t, own, "avi-system"), Controller: snapshot(t),
		Members: map[string][]*unstructured.Unstructured{"east": load(t, git, "default"), "west": {}}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(texts(t, plan)).To(Equal(`~ gslbservice admin/shop.example.com
    ~ description: INGRESS/east/web/shop/shop.example.com,INGRESS/west/web/shop/shop.example.com -> INGRESS/east/web/shop/shop.example.com
    - member 10.2.0.1 of pool amko-gs-group-10: ratio 1

0 to create, 1 to update, 0 to replace, 0 to delete, 1 unchanged
`))
}

// A VIP that nobody knows is left open, and said to be.
func TestOpenVIPs(t *testing.T) {
	g := NewWithT(t)
	fresh := strings.ReplaceAll(git, "shop", "pay")
	plan, err := preview.Make(context.Background(), preview.Input{Own: load(t, own, "avi-system"), Controller: snapshot(t),
		Members: map[string][]*unstructured.Unstructured{"east": load(t, git+"---\n"+fresh, "default")}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(texts(t, plan)).To(And(
		ContainSubstring("+ member VIP of pay.example.com in east of pool amko-gs-group-10: ratio 1"),
		ContainSubstring("are open: pay.example.com in east\n"), Not(ContainSubstring("240.0"))))
}

func TestProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		own  string
		want preview.Problem
	}{
		"no policy": {own[:strings.Index(own, "---\napiVersion: amko.vmware.com/v1alpha2")], preview.Problem{
			Object: "GlobalDeploymentPolicy", Reason: "there is none in namespace avi-system: the operator would change nothing"}},
		"refused policy": {strings.Replace(own, "matchClusters: [{cluster: east}", "matchClusters: [{cluster: north}", 1), preview.Problem{
			Object: "GlobalDeploymentPolicy global-gdp", Reason: "cluster context north not present in GSLBConfig: the operator would change nothing"}},
		"refused rule": {own + "---\napiVersion: amko.vmware.com/v1alpha1\nkind: GSLBHostRule\nmetadata: {name: r}\nspec: {fqdn: shop.example.com, healthMonitorRefs: [none]}\n", preview.Problem{
			Object: "GSLBHostRule avi-system/r", Reason: "Health Monitor Ref none error for r GSLBHostRule"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			plan, err := preview.Make(context.Background(), preview.Input{Own: load(t, tc.own, "avi-system"), Controller: snapshot(t)})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(plan.Problems).To(Equal([]preview.Problem{tc.want}))
			g.Expect(plan.Changes).To(BeEmpty())
		})
	}
}

func TestInputThatIsNotEnough(t *testing.T) {
	for name, tc := range map[string]struct {
		own, cluster, want string
	}{
		"no configuration":   {"apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n", "east", "there is no GSLBConfig in namespace avi-system"},
		"a follower":         {strings.Replace(own, "isLeader: true", "isLeader: false", 1), "east", "does not lead"},
		"an unknown cluster": {own, "north", "cluster north is no member cluster of GSLBConfig gc-1 (east, west)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := preview.Make(context.Background(), preview.Input{
				Own: load(t, tc.own, "avi-system"), Members: map[string][]*unstructured.Unstructured{tc.cluster: nil},
			})
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(tc.want)))
		})
	}
}

// A controller that follows is not planned for: the operator would not write to it.
func TestAFollowingController(t *testing.T) {
	s, err := preview.ReadSnapshot([]byte(strings.Replace(held, `"leader_cluster_uuid":"cluster-1"`, `"leader_cluster_uuid":"cluster-2"`, 1)))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = preview.Make(context.Background(), preview.Input{Own: load(t, own, "avi-system"), Controller: s})
	g.Expect(err).To(MatchError(ContainSubstring("the controller does not lead")))
}

func TestSnapshotsThatAreNone(t *testing.T) {
	for _, text := range []string{"", "x", "[]", "{}", `{"controllers":[]}`} {
		_, err := preview.ReadSnapshot([]byte(text))
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("is no snapshot")), text)
	}
}
