package envtest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// assetsVariable names the folder of kube-apiserver and etcd.
const assetsVariable = "KUBEBUILDER_ASSETS"

// workFolder holds the built program and the control planes' files; it is removed at the end.
var workFolder string

func TestMain(m *testing.M) {
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	folder, err := os.MkdirTemp("", "gslbsim-envtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workFolder = folder
	status := m.Run()
	table(os.Stdout)
	stopPlanes()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

// needsServers leaves a test out where there are no API servers.
func needsServers(tb testing.TB) {
	tb.Helper()
	if os.Getenv(assetsVariable) == "" {
		tb.Skip("no kube-apiserver and etcd: left out; `make envtest-assets test-envtest` runs it")
	}
}

// program builds gslbsim once and returns its path.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workFolder, "gslbsim")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", path, "../../cmd/gslbsim").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build gslbsim: %w: %s", err, out)
	}
	return path, nil
})
