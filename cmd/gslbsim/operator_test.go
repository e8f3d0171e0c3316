package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// clusterFile serves a cluster in memory and returns a kubeconfig file for it.
func clusterFile(t *testing.T, definitions []*apiextensionsv1.CustomResourceDefinition) string {
	t.Helper()
	cluster, err := kube.New(kube.Config{Name: "own", CRDs: definitions})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(cluster)
	t.Cleanup(func() { cluster.Close(); server.Close() })
	return kubeconfigFile(t, server.URL)
}

// stoppedFile is a kubeconfig file for a server that does not run. Its port lies below those that a system gives out, so
// that no other test gets it meanwhile.
func stoppedFile(t *testing.T) string {
	t.Helper()
	return kubeconfigFile(t, "http://127.0.0.1:1")
}

func kubeconfigFile(t *testing.T, url string) string {
	t.Helper()
	path := t.TempDir() + "/kubeconfig"
	content := fmt.Sprintf(`{kind: Config, apiVersion: v1, current-context: own, contexts: [{name: own, context: {cluster: own}}],
  clusters: [{name: own, cluster: {server: %q}}]}`, url)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What an operator cannot start with is told in one line, with the remedy, and ends with status 2.
func TestOperatorThatCannotStart(t *testing.T) {
	bare := clusterFile(t, nil)
	for name, tc := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"no cluster":         {nil, nil, "gslbsim operator: this is not a pod of a cluster"},
		"no file":            {[]string{"--kubeconfig", "nothing"}, nil, "gslbsim operator: --kubeconfig nothing: stat nothing: no such file or directory"},
		"empty file":         {[]string{"--kubeconfig", os.DevNull}, nil, "gslbsim operator: --kubeconfig " + os.DevNull + ": the file names no cluster"},
		"no context":         {[]string{"--kubeconfig", bare, "--context", "mars"}, nil, "gslbsim operator: --kubeconfig " + bare + `: context "mars" does not exist`},
		"lonely context":     {[]string{"--context", "mars"}, nil, "gslbsim operator: --context needs --kubeconfig"},
		"no definitions":     {[]string{"--kubeconfig", bare}, nil, "has no resources of amko.vmware.com/v1alpha1: install the chart, or apply operator/crds"},
		"log format":         {[]string{"--log-format", "xml"}, nil, `gslbsim operator: --log-format: "xml" is unknown; use json or text`},
		"log level":          {[]string{"--log-level", "loud"}, nil, `gslbsim operator: --log-level: "loud" is unknown; use debug, info, warn or error`},
		"parallel":           {[]string{"--parallel", "0"}, nil, "gslbsim operator: --parallel: 0 is out of range; use 1 to 100"},
		"negative time":      {[]string{"--hold-members", "-1s"}, nil, "gslbsim operator: --hold-members and --drift-interval must not be negative"},
		"impatient lease":    {[]string{"--renew-deadline", "1s"}, nil, "gslbsim operator: --lease-duration, --renew-deadline and --retry-period must be in this order"},
		"environment":        {nil, map[string]string{"GSLBSIM_OPERATOR_PARALLEL": "many"}, "gslbsim operator: environment variable GSLBSIM_OPERATOR_PARALLEL: invalid argument"},
		"flags come first":   {[]string{"--log-format", "xml"}, map[string]string{"GSLBSIM_OPERATOR_LOG_FORMAT": "yaml"}, `gslbsim operator: --log-format: "xml" is unknown`},
		"file by variable":   {nil, map[string]string{"GSLBSIM_OPERATOR_KUBECONFIG": bare}, "has no resources of amko.vmware.com/v1alpha1"},
		"no such address":    {[]string{"--kubeconfig", clusterFile(t, crds.All()), "--metrics-address", "256.0.0.1:1"}, nil, "256.0.0.1"},
		"no words expected":  {[]string{"now"}, nil, `unknown command "now" for "gslbsim operator"`},
		"server not running": {[]string{"--kubeconfig", stoppedFile(t)}, nil, "cannot be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for key, value := range tc.env {
				t.Setenv(key, value)
			}
			status, stdout, stderr := gslbsim(t, append([]string{"operator"}, tc.args...)...)
			g.Expect(status).To(Equal(2))
			g.Expect(stdout).To(BeEmpty())
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			g.Expect(lines[len(lines)-1]).To(ContainSubstring(tc.want))
		})
	}
}

// An operator that is asked to end says so and ends with status 0.
func TestOperatorEndsWhenAsked(t *testing.T) {
	g := NewWithT(t)
	ctx, stop := context.WithCancel(t.Context())
	out := &lines{has: map[string]func(){"operator starts": stop}}
	status := execute(ctx, []string{"operator", "--kubeconfig", clusterFile(t, crds.All()), "--log-format", "text",
		"--metrics-address", "", "--health-address", ""}, out, out)
	g.Expect(status).To(BeZero(), out.String())
	g.Expect(out.String()).To(And(ContainSubstring(`msg="operator starts" version=devel`), ContainSubstring(`msg="operator ended"`)))
}

// lines takes output, of several goroutines if need be, and calls a function when a text is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	has  map[string]func()
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text, call := range l.has {
		if strings.Contains(string(p), text) {
			call()
		}
	}
	return l.text.Write(p)
}

// String returns what was written so far.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
