package foreign_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// clusters are the member clusters; the operator runs in the first.
var clusters = []string{"cluster1", "cluster2", "cluster3"}

// world is API servers, a controller, and a process that is to be an operator.
type world struct {
	t       *testing.T
	avi     *avitest.Avi
	clients map[string]client.Client
	dir     string
	log     logFile
}

// logFile takes what the operator prints.
type logFile struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// tail returns the last lines.
func (l *logFile) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(l.text.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, avi: avitest.Start(t), clients: map[string]client.Client{}, dir: t.TempDir()}
	all := clientcmdapi.NewConfig()
	for _, name := range clusters {
		url := w.startCluster(name)
		one := clientcmdapi.NewConfig()
		for _, cfg := range []*clientcmdapi.Config{one, all} {
			cfg.Clusters[name] = &clientcmdapi.Cluster{Server: url}
			cfg.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: "operator@" + name}
			cfg.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
		}
		one.CurrentContext = name
		w.write(name, one)
	}
	all.CurrentContext = clusters[0]
	w.write("members", all)
	return w
}

func (w *world) write(name string, cfg *clientcmdapi.Config) {
	w.t.Helper()
	if err := clientcmd.WriteToFile(*cfg, w.kubeconfig(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) kubeconfig(name string) string { return filepath.Join(w.dir, name+".kubeconfig") }

// definitions are those of AMKO's chart: three of its resources have no status subresource there, and AMKO writes their
// statuses with the rest.
func definitions() []*apiextensionsv1.CustomResourceDefinition {
	var out []*apiextensionsv1.CustomResourceDefinition
	for _, crd := range crds.All() {
		crd = crd.DeepCopy()
		switch crd.Spec.Names.Kind {
		case "GSLBConfig", "GlobalDeploymentPolicy", "GSLBHostRule":
			for i := range crd.Spec.Versions {
				crd.Spec.Versions[i].Subresources = nil
			}
		}
		out = append(out, crd)
	}
	return out
}

// startCluster serves a cluster's API over TCP.
func (w *world) startCluster(name string) (url string) {
	w.t.Helper()
	server, err := kube.New(kube.Config{Name: name, CRDs: definitions()})
	if err != nil {
		w.t.Fatal(err)
	}
	endpoint := httptest.NewServer(server)
	w.t.Cleanup(func() { server.Close(); endpoint.Close() })
	if w.clients[name], err = client.New(&rest.Config{Host: endpoint.URL, QPS: -1}, client.Options{}); err != nil {
		w.t.Fatal(err)
	}
	return endpoint.URL
}

// apply creates or replaces an object, given as YAML, its status included.
func (w *world) apply(cluster, text string) {
	w.t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		w.t.Fatal(err)
	}
	ctx, c := w.t.Context(), w.clients[cluster]
	status, has := o.Object["status"]
	current := o.DeepCopy()
	if err := c.Get(ctx, client.ObjectKeyFromObject(o), current); err == nil {
		o.SetResourceVersion(current.GetResourceVersion())
		if err := c.Update(ctx, o); err != nil {
			w.t.Fatal(err)
		}
	} else if err := c.Create(ctx, o); err != nil {
		w.t.Fatal(err)
	}
	if !has {
		return
	}
	o.Object["status"] = status
	if err := c.Status().Update(ctx, o); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(cluster, apiVersion, kind, namespace, name string) {
	w.t.Helper()
	if err := w.clients[cluster].Delete(w.t.Context(), object(apiVersion, kind, namespace, name)); err != nil {
		w.t.Fatal(err)
	}
}

func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// field returns a text in an object of the first cluster; empty if it is not there.
func (w *world) field(apiVersion, kind, name string, path ...string) string {
	o := object(apiVersion, kind, "avi-system", name)
	if err := w.clients[clusters[0]].Get(w.t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		return err.Error()
	}
	text, _, _ := unstructured.NestedString(o.Object, path...)
	return text
}

// portsOfAMKO are those that AMKO listens on, whatever it is told.
var portsOfAMKO = []int{8080, 9090}

// startOperator starts the program as AMKO is started outside of a cluster, and stops it with the test.
func (w *world) startOperator(program string) {
	w.t.Helper()
	for _, port := range portsOfAMKO {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			w.t.Skipf("AMKO needs port %d, which is in use: %v", port, err)
		}
		l.Close()
	}
	members, err := os.ReadFile(w.kubeconfig("members"))
	if err != nil {
		w.t.Fatal(err)
	}
	own := w.kubeconfig(clusters[0])
	cmd := exec.Command(program, "--kubeconfig", own, "--kubeconfigpath", own)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "KUBECONFIG="+own, "GSLB_CONFIG="+string(members), "POD_NAME=amko-0", "XDG_CACHE_HOME="+w.dir)
	cmd.Stdout, cmd.Stderr = &w.log, &w.log
	// It writes the members' kubeconfig to a fixed place in the temporary folder, and asks for nothing on its input.
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		stop()
		if w.t.Failed() {
			w.t.Logf("the operator's last words:\n%s", w.log.tail(40))
		}
	})
}
