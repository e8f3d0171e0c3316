package kube_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// A server is an http.Handler: any HTTP server makes it a cluster for clients.
func Example() {
	server, err := kube.New(kube.Config{Name: "site-1", CRDs: crds.All()})
	if err != nil {
		fmt.Println(err)
		return
	}
	endpoint := httptest.NewServer(server)
	defer endpoint.Close()
	defer server.Close()

	c, err := client.New(&rest.Config{Host: endpoint.URL}, client.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "avi-system", Name: "gslb-avi-secret"},
		StringData: map[string]string{"username": "admin"},
	}
	fmt.Println("created:", c.Create(ctx, secret) == nil, "uid:", secret.UID)
	fmt.Println("again:", c.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "avi-system", Name: "gslb-avi-secret"}}))
	var namespaces corev1.NamespaceList
	fmt.Println("listed:", c.List(ctx, &namespaces) == nil, "namespaces:", len(namespaces.Items))
	// Output:
	// created: true uid: 823f219b-6224-5084-ac74-e9bd50d22dd4
	// again: secrets "gslb-avi-secret" already exists
	// listed: true namespaces: 5
}

// The schema of a custom resource decides which writes are refused.
func ExampleSchemaValidators() {
	crd := crds.Strict()[0]
	validators, err := kube.SchemaValidators(crd)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(crd.Spec.Names.Kind, len(validators))
	_, err = kube.SchemaValidators(&apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "things.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true}},
		},
	})
	fmt.Println(err)
	// Output:
	// HostRule 2
	// CRD things.example.com, version v1: no schema; add schema.openAPIV3Schema
}
