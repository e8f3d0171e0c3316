package control

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

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
