package envtest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/gslbsim/gslbsim/operator/api"
	"github.com/gslbsim/gslbsim/operator/crds"
)

// scheme knows all kinds that the tests use.
var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(apiextensionsv1.AddToScheme(s))
	utilruntime.Must(api.AddToScheme(s))
	return s
}()

// plane is a control plane: kube-apiserver and etcd, or where a benchmark has to do without them, a cluster in memory.
type plane struct {
	admin  *rest.Config
	client client.Client
	// kubeconfig is for a user who has no permissions but those that are bound to the name.
	kubeconfig func(user string) ([]byte, error)
	stop       func() error
	// inMemory knows no users and no permissions.
	inMemory bool
}

// Times that a loaded machine may need.
const (
	planeStart = 2 * time.Minute
	planeStop  = 30 * time.Second
)

var (
	planesLock sync.Mutex
	planes     = map[string]*plane{}
)

// startPlane returns the control plane of a name, with the operator's definitions installed. It is started when it is first asked for
// and runs until the last test has ended: tests clean up behind them.
func startPlane(tb testing.TB, name string) *plane { return startPlaneWith(tb, name, crds.All()) }

func startPlaneWith(tb testing.TB, name string, definitions []*apiextensionsv1.CustomResourceDefinition) *plane {
	tb.Helper()
	needsServers(tb)
	planesLock.Lock()
	defer planesLock.Unlock()
	if p := planes[name]; p != nil {
		return p
	}
	env := &envtest.Environment{
		CRDs: definitions, ControlPlaneStartTimeout: planeStart, ControlPlaneStopTimeout: planeStop,
	}
	// The benchmark's own load must not be what is measured.
	env.ControlPlane.GetAPIServer().Configure().Set("max-requests-inflight", "2000").Set("max-mutating-requests-inflight", "1000")
	config, err := env.Start()
	if err != nil {
		tb.Fatalf("start control plane %s: %v", name, err)
	}
	config.QPS = -1
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		tb.Fatalf("control plane %s: %v", name, err)
	}
	planes[name] = &plane{admin: config, client: c, stop: env.Stop, kubeconfig: func(user string) ([]byte, error) {
		u, err := env.AddUser(envtest.User{Name: user}, nil)
		if err != nil {
			return nil, err
		}
		return u.KubeConfig()
	}}
	return planes[name]
}

func stopPlanes() {
	planesLock.Lock()
	defer planesLock.Unlock()
	var all sync.WaitGroup
	for name, p := range planes {
		all.Go(func() {
			if err := p.stop(); err != nil {
				fmt.Printf("stop control plane %s: %v\n", name, err)
			}
		})
	}
	all.Wait()
}
