package envtest_test

import (
	"net/http/httptest"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// startMemory is startPlane with a cluster in memory.
func startMemory(tb testing.TB, name string) *plane {
	tb.Helper()
	planesLock.Lock()
	defer planesLock.Unlock()
	if p := planes[name]; p != nil {
		return p
	}
	cluster, err := kube.New(kube.Config{Name: name, CRDs: crds.All()})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(cluster)
	config := &rest.Config{Host: server.URL, QPS: -1}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		tb.Fatal(err)
	}
	planes[name] = &plane{
		admin: config, client: c, inMemory: true,
		stop: func() error { cluster.Close(); server.CloseClientConnections(); server.Close(); return nil },
		kubeconfig: func(string) ([]byte, error) {
			file := clientcmdapi.NewConfig()
			file.Clusters["memory"] = &clientcmdapi.Cluster{Server: server.URL}
			file.AuthInfos["memory"] = &clientcmdapi.AuthInfo{}
			file.Contexts["memory"] = &clientcmdapi.Context{Cluster: "memory", AuthInfo: "memory"}
			file.CurrentContext = "memory"
			return clientcmd.Write(*file)
		},
	}
	return planes[name]
}
