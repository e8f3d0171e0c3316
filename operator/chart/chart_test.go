package chart_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	"github.com/gslbsim/gslbsim/operator/access"
	"github.com/gslbsim/gslbsim/operator/api"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/chart/charttest"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// small are the fewest values that can be installed.
const small = "gslbLeaderCredentials: {existingSecret: mine}\n"

func render(t *testing.T, values string) (*charttest.Rendered, error) {
	t.Helper()
	return charttest.Release{Folder: ".", Namespace: "gslb", Values: values}.Render()
}

func rendered(t *testing.T, values string) *charttest.Rendered {
	t.Helper()
	r, err := render(t, values)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// typed reads an object as its Go type and refuses fields that the type has not.
func typed[T runtime.Object](t *testing.T, o *unstructured.Unstructured) T {
	t.Helper()
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(api.AddToScheme(scheme))
	raw, err := o.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := runtime.Decode(serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(), raw)
	if err != nil {
		t.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
	}
	out, ok := decoded.(T)
	if !ok {
		t.Fatalf("%s %s is a %T", o.GetKind(), o.GetName(), decoded)
	}
	return out
}

func amkoValues(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/amko-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestAMKOsValuesWorkUnchanged installs with a values.yaml that has every key of AMKO's chart.
//
// Shows: chart-amko-values
func TestAMKOsValuesWorkUnchanged(t *testing.T) {
	g := NewWithT(t)
	r := rendered(t, amkoValues(t))

	config := typed[*amkov1alpha1.GSLBConfig](t, r.Get("GSLBConfig", "gc-1"))
	custom := false
	tenant := "admin"
	g.Expect(config.Namespace).To(Equal("gslb"))
	g.Expect(config.Annotations).To(HaveKeyWithValue("amko.vmware.com/amko-uuid", "6f1c3a52-7d9e-11ee-b962-0242ac120002"))
	g.Expect(config.Spec).To(Equal(amkov1alpha1.GSLBConfigSpec{
		GSLBLeader:     amkov1alpha1.GSLBLeader{Credentials: "gslb-avi-secret", ControllerVersion: "22.1.3", ControllerIP: "10.20.30.40", Tenant: &tenant},
		MemberClusters: []amkov1alpha1.MemberCluster{{ClusterContext: "region01"}, {ClusterContext: "region02"}}, RefreshInterval: 1800,
		LogLevel: amkov1alpha1.LogLevelInfo, UseCustomGlobalFqdn: &custom,
	}))
	cluster := typed[*amkov1alpha1.AMKOCluster](t, r.Get("AMKOCluster", "amkocluster-federation"))
	g.Expect(cluster.Spec).To(Equal(amkov1alpha1.AMKOClusterSpec{
		IsLeader: true, ClusterContext: "region01", Version: "2.2.1", Clusters: []string{"region01", "region02"},
	}))
	policy := typed[*amkov1alpha2.GlobalDeploymentPolicy](t, r.Get("GlobalDeploymentPolicy", "global-gdp")).Spec
	g.Expect(policy.MatchRules.AppSelector.Label).To(Equal(map[string]string{"app": "gslb"}))
	g.Expect(policy.MatchRules.NamespaceSelector.Label).To(Equal(map[string]string{"ns": "gslb"}))
	g.Expect(policy.MatchClusters).To(Equal([]amkov1alpha2.ClusterProperty{{Cluster: "region01"}, {Cluster: "region02", SyncVipOnly: true}}))
	g.Expect(*policy.TrafficSplit[1].Weight).To(BeEquivalentTo(2))
	g.Expect(*policy.TrafficSplit[1].Priority).To(BeEquivalentTo(5))
	g.Expect(*policy.TTL).To(BeEquivalentTo(10))
	g.Expect(policy.HealthMonitorRefs).To(Equal([]string{"hmref1", "hmref2"}))
	g.Expect(*policy.SitePersistenceRef).To(Equal("gap-1"))
	g.Expect(*policy.PoolAlgorithmSettings.GeoFallback.HashMask).To(BeEquivalentTo(20))
	g.Expect(policy.DownResponse.FallbackIP).To(Equal("10.50.1.1"))

	secret := r.Get("Secret", "gslb-avi-secret")
	g.Expect(secret.Object["data"]).To(Equal(map[string]any{"username": "YWRtaW4=", "password": "czNjcmV0LVBhc3N3b3Jk"}))
	deployment := typed[*appsv1.Deployment](t, r.Get("Deployment", "gslbsim-operator"))
	g.Expect(deployment.Spec.Template.Spec.ImagePullSecrets[0].Name).To(Equal("regcred"))
	g.Expect(deployment.Spec.Template.Spec.Containers).To(HaveLen(1))
	g.Expect(deployment.Spec.Template.Spec.Containers[0].Image).To(Equal("gslbsim:latest"), "not AMKO's")
	g.Expect(deployment.Spec.Template.Spec.Containers[0].Resources.Limits.Memory().String()).To(Equal("300Mi"))
	g.Expect(r.Notes).To(ContainSubstring("mean nothing here: image, serviceDiscovery, service, mountPath, logFile, federatorLogFile, federation.image"))
}

// TestRenderedObjectsAreValid holds everything that is made against its Go type and, our own kinds, the definitions, also
// the strict ones.
func TestRenderedObjectsAreValid(t *testing.T) {
	compatible, err := validate.Set(crds.All())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	strict, err := validate.Set(crds.Strict())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for name, values := range map[string]string{
		"AMKO's values": amkoValues(t),
		"small":         small,
		"all of our own": small + `
operator: {args: [--hold-members=1h], logFormat: text}
podAnnotations: {prometheus.io/scrape: "true"}
rbac: {memberSubjects: [{kind: User, name: amko, apiGroup: rbac.authorization.k8s.io}], followerSubjects: [{kind: User, name: amko, apiGroup: rbac.authorization.k8s.io}]}
globalDeploymentPolicy: {ttl: 0, controlPlaneHmOnly: false, pkiProfileRef: pki, defaultDomain: apps.example.com, appSelector: {label: {app: gslb}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := rendered(t, values)
			g.Expect(len(r.Objects)).To(BeNumerically(">=", 9))
			checked := 0
			for _, o := range r.Objects {
				typed[runtime.Object](t, o)
				for _, set := range []map[schema.GroupVersionKind]*validate.Validator{compatible, strict} {
					if v := set[o.GroupVersionKind()]; v != nil {
						g.Expect(v.UnknownFields(o.Object)).To(BeEmpty())
						g.Expect(v.Validate(o.Object, nil)).To(BeEmpty(), o.GetKind())
						checked++
					}
				}
			}
			g.Expect(checked).To(Equal(2*3), "three kinds of our own")
		})
	}
}

// TestPermissionsAreWhatTheOperatorNeeds compares the chart's roles with what the program asks for.
//
// Shows: chart-roles
func TestPermissionsAreWhatTheOperatorNeeds(t *testing.T) {
	g := NewWithT(t)
	r := rendered(t, small)
	g.Expect(typed[*rbacv1.ClusterRole](t, r.Get("ClusterRole", "gslbsim-operator")).Rules).To(Equal(access.Everywhere()))
	g.Expect(typed[*rbacv1.Role](t, r.Get("Role", "gslbsim-operator")).Rules).To(Equal(access.InNamespace()))
	g.Expect(typed[*rbacv1.ClusterRole](t, r.Get("ClusterRole", "gslbsim-operator-members")).Rules).To(Equal(access.InMembers()))
	g.Expect(typed[*rbacv1.ClusterRole](t, r.Get("ClusterRole", "gslbsim-operator-followers")).Rules).To(Equal(access.InFollowers()))
	more := rendered(t, small+"multiClusterIngress: {enable: true}\n")
	g.Expect(typed[*rbacv1.Role](t, more.Get("Role", "gslbsim-operator")).Rules).To(Equal(append(access.InNamespace(), access.MultiClusterIngress()...)))
	g.Expect(typed[*appsv1.Deployment](t, more.Get("Deployment", "gslbsim-operator")).Spec.Template.Spec.Containers[0].Env).To(ContainElement(
		corev1.EnvVar{Name: "GSLBSIM_OPERATOR_MULTI_CLUSTER_INGRESS", Value: "true"}))
	for _, o := range r.Objects {
		if o.GetKind() != "RoleBinding" && o.GetKind() != "ClusterRoleBinding" {
			continue
		}
		subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects")
		g.Expect(subjects).To(Equal([]any{map[string]any{"kind": "ServiceAccount", "name": "gslbsim-operator", "namespace": "gslb"}}))
	}
}

// TestValuesOfOurOwn shows the keys that AMKO's chart has not.
//
// Shows: chart-existing-secret
func TestValuesOfOurOwn(t *testing.T) {
	g := NewWithT(t)
	r := rendered(t, small)
	g.Expect(r.Get("Secret", "mine")).To(BeNil(), "it exists")
	g.Expect(typed[*amkov1alpha1.GSLBConfig](t, r.Get("GSLBConfig", "gc-1")).Spec.GSLBLeader.Credentials).To(Equal("mine"))
	g.Expect(r.Notes).To(And(ContainSubstring("Secret mine, keys username and password"), ContainSubstring("nothing is selected"),
		ContainSubstring("configs.gslbLeaderController is empty"), Not(ContainSubstring("mean nothing here"))))

	policy := typed[*amkov1alpha2.GlobalDeploymentPolicy](t, rendered(t, small+"globalDeploymentPolicy: {ttl: 0, controlPlaneHmOnly: true, pkiProfileRef: p}\n").
		Get("GlobalDeploymentPolicy", "global-gdp")).Spec
	g.Expect(*policy.TTL).To(BeZero())
	g.Expect(*policy.ControlPlaneHmOnly).To(BeTrue())
	g.Expect(*policy.PKIProfileRef).To(Equal("p"))

	r = rendered(t, small+"serviceAccount: {create: false, name: own}\n")
	g.Expect(r.Get("ServiceAccount", "own")).To(BeNil())
	g.Expect(typed[*appsv1.Deployment](t, r.Get("Deployment", "gslbsim-operator")).Spec.Template.Spec.ServiceAccountName).To(Equal("own"))
}

// TestMistakesInValuesAreTold renders what cannot work.
func TestMistakesInValuesAreTold(t *testing.T) {
	for name, tc := range map[string]struct{ values, want string }{
		"no credentials":       {"", "gslbLeaderCredentials: give username and password, or existingSecret"},
		"clusters as words":    {small + "globalDeploymentPolicy: {matchClusters: [region01]}", "/globalDeploymentPolicy/matchClusters/0"},
		"heavy weight":         {small + "globalDeploymentPolicy: {trafficSplit: [{cluster: a, weight: 21}]}", "/globalDeploymentPolicy/trafficSplit/0/weight"},
		"a level too deep":     {small + "globalDeploymentPolicy: {matchRules: {appSelector: {label: {app: gslb}}}}", "matchRules"},
		"two labels":           {small + "globalDeploymentPolicy: {appSelector: {label: {a: b, c: d}}}", "/globalDeploymentPolicy/appSelector/label"},
		"loud log":             {small + "configs: {logLevel: LOUD}", "/configs/logLevel"},
		"short identity":       {small + "configs: {amkoUUID: short}", "/configs/amkoUUID"},
		"member without a key": {small + "configs: {memberClusters: [region01]}", "/configs/memberClusters/0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := render(t, tc.values)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(tc.want)))
		})
	}
}

// TestDefinitionsAreCurrent compares the chart's definitions with operator/crds. AKO brings those of HostRules.
func TestDefinitionsAreCurrent(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob("crds/*.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(files).To(HaveLen(len(crds.All()) - 1))
	for _, file := range files {
		ours, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		generated, err := os.ReadFile(filepath.Join("..", file))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(ours)).To(Equal(string(generated)), "run make generate")
	}
}
