package envtest_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/chart/charttest"
)

const (
	system       = "avi-system"
	applications = "shop"
	// user is who the operator is in all clusters.
	user = "gslb-operator"
)

// stage is what an operator works on: a controller and clusters, of which the first is the operator's own.
type stage struct {
	tb      testing.TB
	avi     *controller
	names   []string
	members map[string]*plane
	own     *plane
}

// setStage prepares a controller and as many clusters, with the objects that AMKO needs and without applications.
func setStage(tb testing.TB, clusters int) *stage {
	tb.Helper()
	needsServers(tb)
	return setStageOn(tb, clusters, startPlane)
}

func setStageOn(tb testing.TB, clusters int, start func(tb testing.TB, name string) *plane) *stage {
	tb.Helper()
	s := &stage{tb: tb, avi: startController(tb), members: map[string]*plane{}}
	for i := range clusters {
		name := fmt.Sprintf("cluster%d", i+1)
		s.names = append(s.names, name)
		s.members[name] = start(tb, name)
		s.clear(s.members[name])
	}
	s.own = s.members[s.names[0]]
	s.grant()
	for _, o := range s.objects() {
		s.create(s.own, o)
	}
	return s
}

// clear removes what an earlier stage left, and makes the namespaces, which nobody would delete here.
func (s *stage) clear(p *plane) {
	s.tb.Helper()
	for _, name := range []string{system, applications} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := p.client.Create(s.tb.Context(), ns); err != nil && !apierrors.IsAlreadyExists(err) {
			s.tb.Fatal(err)
		}
	}
	for _, o := range []struct {
		object    client.Object
		namespace string
	}{
		{&networkingv1.Ingress{}, applications}, {&amkov1alpha1.GSLBHostRule{}, applications},
		{&amkov1alpha1.AMKOCluster{}, system}, {&amkov1alpha1.GSLBConfig{}, system},
		{&amkov1alpha2.GlobalDeploymentPolicy{}, system}, {&corev1.Secret{}, system},
	} {
		if err := p.client.DeleteAllOf(s.tb.Context(), o.object, client.InNamespace(o.namespace)); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// grant lets the operator's user do what the chart's roles allow: in each cluster what is needed there, and no more.
func (s *stage) grant() {
	s.tb.Helper()
	if s.own.inMemory {
		return
	}
	subject := fmt.Sprintf("[{kind: User, apiGroup: %s, name: %s}]", rbacv1.GroupName, user)
	chart, err := charttest.Release{Folder: "../../operator/chart", Namespace: system, Values: fmt.Sprintf(
		"{gslbLeaderCredentials: {existingSecret: x}, rbac: {memberSubjects: %[1]s, followerSubjects: %[1]s}}", subject)}.Render()
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, o := range chart.Objects {
		if o.GroupVersionKind().Group != rbacv1.GroupName {
			continue
		}
		inMembers := strings.HasSuffix(o.GetName(), "-members") || strings.HasSuffix(o.GetName(), "-followers")
		if !inMembers {
			s.create(s.own, s.forUser(o))
			continue
		}
		for _, name := range s.names {
			s.create(s.members[name], o.DeepCopy())
		}
	}
}

// forUser has a binding of the chart name the operator's user instead of its service account.
func (s *stage) forUser(o *unstructured.Unstructured) *unstructured.Unstructured {
	if _, binds, _ := unstructured.NestedSlice(o.Object, "subjects"); binds {
		o.Object["subjects"] = []any{map[string]any{"kind": rbacv1.UserKind, "apiGroup": rbacv1.GroupName, "name": user}}
	}
	return o
}

// create makes an object, in place of an earlier one if there is one.
func (s *stage) create(p *plane, o client.Object) {
	s.tb.Helper()
	if err := client.IgnoreNotFound(p.client.Delete(s.tb.Context(), o)); err != nil {
		s.tb.Fatal(err)
	}
	if err := p.client.Create(s.tb.Context(), o); err != nil {
		s.tb.Fatal(err)
	}
}

// objects are the operator's own.
func (s *stage) objects() []client.Object {
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: system, Name: name} }
	tenant, ttl := "admin", int64(20)
	config := &amkov1alpha1.GSLBConfig{ObjectMeta: in("gc-1"), Spec: amkov1alpha1.GSLBConfigSpec{
		GSLBLeader: amkov1alpha1.GSLBLeader{
			Credentials: "gslb-avi-secret", ControllerVersion: "31.1.1", ControllerIP: s.avi.address, Tenant: &tenant,
		},
		RefreshInterval: 1800, LogLevel: amkov1alpha1.LogLevelInfo,
	}}
	policy := &amkov1alpha2.GlobalDeploymentPolicy{ObjectMeta: in("global-gdp"), Spec: amkov1alpha2.GDPSpec{
		MatchRules: amkov1alpha2.MatchRules{AppSelector: amkov1alpha2.AppSelector{Label: map[string]string{"app": "gslb"}}}, TTL: &ttl,
	}}
	for _, name := range s.names {
		config.Spec.MemberClusters = append(config.Spec.MemberClusters, amkov1alpha1.MemberCluster{ClusterContext: name})
		policy.Spec.MatchClusters = append(policy.Spec.MatchClusters, amkov1alpha2.ClusterProperty{Cluster: name})
	}
	return []client.Object{
		&corev1.Secret{ObjectMeta: in("gslb-avi-secret"), StringData: map[string]string{"username": "admin", "password": aviPassword}},
		&corev1.Secret{ObjectMeta: in("gslb-config-secret"), Data: map[string][]byte{"gslb-members": s.membersKubeconfig()}},
		&amkov1alpha1.AMKOCluster{ObjectMeta: in("amkocluster-federation"), Spec: amkov1alpha1.AMKOClusterSpec{
			ClusterContext: s.names[0], IsLeader: true, Version: "2.2.1", Clusters: s.names[:1],
		}},
		config, policy,
	}
}

// membersKubeconfig has a context for each cluster, with the operator's user.
func (s *stage) membersKubeconfig() []byte {
	s.tb.Helper()
	all := clientcmdapi.NewConfig()
	for _, name := range s.names {
		one, err := clientcmd.Load(s.userOf(s.members[name]))
		if err != nil {
			s.tb.Fatal(err)
		}
		at := one.Contexts[one.CurrentContext]
		all.Clusters[name], all.AuthInfos[name] = one.Clusters[at.Cluster], one.AuthInfos[at.AuthInfo]
		all.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	}
	raw, err := clientcmd.Write(*all)
	if err != nil {
		s.tb.Fatal(err)
	}
	return raw
}

// userOf is a kubeconfig for the operator's user in a cluster.
func (s *stage) userOf(p *plane) []byte {
	s.tb.Helper()
	raw, err := p.kubeconfig(user)
	if err != nil {
		s.tb.Fatal(err)
	}
	return raw
}
