package world

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
	"github.com/gslbsim/gslbsim/sim/network"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// apiPort is where the clusters' API servers listen.
const apiPort = 6443

// The Secret from which the operator learns how to reach the member clusters.
const (
	operatorNamespace = "avi-system"
	membersSecret     = "gslb-config-secret"
	membersKey        = "gslb-members"
)

// startClusters makes the API servers of all clusters.
func (w *world) startClusters() error {
	definitions := crds.All()
	for _, site := range w.top.Sites {
		for _, c := range site.Clusters {
			server, err := kube.New(kube.Config{Name: c.Name, CRDs: definitions, WatchDuration: scenario.MaxDuration})
			if err != nil {
				return fmt.Errorf("cluster %s: %w", c.Name, err)
			}
			stop, err := w.net.Serve(netip.AddrPortFrom(c.API, apiPort), network.Service{Handler: server, Streaming: server.Streaming})
			if err != nil {
				return fmt.Errorf("cluster %s: %w", c.Name, err)
			}
			w.clusters[c.Name] = server
			w.teardown = append(w.teardown, func() { stop(); server.Close() })
		}
	}
	return nil
}

// config returns how the programs at an address reach a cluster's API server.
func (w *world) config(from netip.Addr, cluster string) *rest.Config {
	c, _ := w.top.Cluster(cluster)
	return &rest.Config{
		Host: "http://" + netip.AddrPortFrom(c.API, apiPort).String(),
		Dial: w.net.Dialer(from),
		// The simulated API server has no reason to be spared.
		QPS:           -1,
		ContentConfig: rest.ContentConfig{ContentType: "application/json"},
	}
}

// kubectl returns a client for a cluster as an administrator at the management cluster has it.
func (w *world) kubectl(cluster string) (client.Client, error) {
	c, err := client.New(w.config(w.admin, cluster), client.Options{Scheme: clientgoscheme.Scheme})
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", cluster, err)
	}
	return c, nil
}

// applyManifests creates the scenario's objects in the order in which they stand.
func (w *world) applyManifests(ctx context.Context) error {
	clients := map[string]client.Client{}
	for _, o := range w.scenario.Objects {
		c := clients[o.Cluster]
		if c == nil {
			var err error
			if c, err = w.kubectl(o.Cluster); err != nil {
				return err
			}
			clients[o.Cluster] = c
		}
		if err := c.Create(ctx, w.sabotage.object(o.Object.DeepCopy())); err != nil {
			line, _ := o.Position("")
			return fmt.Errorf("%s:%d: %s %s is refused by cluster %s: %w", o.File, line, o.Object.GetKind(), o.Name(), o.Cluster, err)
		}
		w.rec.Event("administrator", "applied", "%s %s in %s", strings.ToLower(o.Object.GetKind()), o.Name(), o.Cluster)
	}
	return nil
}

// giveKubeconfig leaves the members' kubeconfig for the operator, which an administrator has to make by hand.
func (w *world) giveKubeconfig(ctx context.Context) error {
	cfg := clientcmdapi.NewConfig()
	for _, name := range w.top.WorkloadClusters() {
		c, _ := w.top.Cluster(name)
		cluster := clientcmdapi.NewCluster()
		cluster.Server = "http://" + netip.AddrPortFrom(c.API, apiPort).String()
		user := clientcmdapi.NewAuthInfo()
		user.Token = "avi-amko-sa@" + name
		cfg.Clusters[name], cfg.AuthInfos[name] = cluster, user
		at := clientcmdapi.NewContext()
		at.Cluster, at.AuthInfo = name, name
		cfg.Contexts[name] = at
	}
	raw, err := clientcmd.Write(*cfg)
	if err != nil {
		return err
	}
	c, err := w.kubectl(w.top.Operator.Cluster)
	if err != nil {
		return err
	}
	err = c.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: membersSecret},
		Data:       map[string][]byte{membersKey: raw},
	})
	if apierrors.IsAlreadyExists(err) && w.ownKubeconfig() {
		return nil
	}
	return err
}

// ownKubeconfig reports whether the scenario's manifests bring the members' kubeconfig along.
func (w *world) ownKubeconfig() bool {
	return slices.ContainsFunc(w.scenario.Objects, func(o scenario.Object) bool {
		return o.Object.GetKind() == "Secret" && o.Namespace() == operatorNamespace && o.Name() == membersSecret
	})
}
