package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// contexts say how to reach other clusters.
type contexts struct {
	lookup func(name string) (*rest.Config, error)
	// fingerprint changes when a context does; nil: it never does.
	fingerprint func(name string) string
	// problem is why no cluster can be reached, as a state of the GSLBConfig; empty: some can.
	problem string
}

// contexts reads the kubeconfig of the other clusters, unless the options say how to reach them.
func (o *operator) contexts(ctx context.Context) (contexts, error) {
	if o.MemberConfig != nil {
		return contexts{lookup: o.MemberConfig}, nil
	}
	secret, err := o.secret(ctx, membersSecret)
	if err != nil {
		return contexts{}, err
	}
	if secret == nil {
		return contexts{problem: stateNoSecret + membersSecret}, nil
	}
	file, err := readKubeconfig(secret.Data[membersKey])
	if err != nil {
		return contexts{problem: stateBadKubeconfig + err.Error()}, nil // for the status
	}
	return contexts{lookup: file.config, fingerprint: file.fingerprint}, nil
}

// member is how to reach the cluster of a context.
func (c contexts) member(name string, o Options) (memberConfig, error) {
	if c.problem != "" {
		return memberConfig{}, errors.New(strings.TrimPrefix(c.problem, "error: "))
	}
	config, err := c.lookup(name)
	if err != nil {
		return memberConfig{}, err
	}
	config = rest.CopyConfig(config)
	if o.MemberDial != nil {
		config.Dial = o.MemberDial
	}
	m := memberConfig{rest: config, fingerprint: name}
	if c.fingerprint != nil {
		m.fingerprint = c.fingerprint(name)
	}
	return m, nil
}

// kubeconfig is a kubeconfig with a context for each member cluster.
type kubeconfig struct{ file *clientcmdapi.Config }

func readKubeconfig(data []byte) (kubeconfig, error) {
	if len(data) == 0 {
		return kubeconfig{}, fmt.Errorf("secret %s has no key %s", membersSecret, membersKey)
	}
	config, err := clientcmd.Load(data)
	if err != nil {
		return kubeconfig{}, err
	}
	return kubeconfig{config}, nil
}

// config returns how to reach the cluster of a context.
func (k kubeconfig) config(name string) (*rest.Config, error) {
	if _, ok := k.file.Contexts[name]; !ok {
		return nil, fmt.Errorf("the kubeconfig in Secret %s has no context %s", membersSecret, name)
	}
	return clientcmd.NewNonInteractiveClientConfig(*k.file, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
}

// fingerprint changes when anything changes that the context's clients use.
func (k kubeconfig) fingerprint(name string) string {
	one := k.file.DeepCopy()
	one.CurrentContext = name
	if clientcmdapi.MinifyConfig(one) != nil {
		return ""
	}
	data, err := clientcmd.Write(*one)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
