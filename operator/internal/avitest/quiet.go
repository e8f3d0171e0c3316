package avitest

import (
	"flag"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// Main runs tests as their TestMain with the loggers of the SDK and of client-go quiet and off the file system: they would
// write every fault that tests make. It does not return.
func Main(m *testing.M) {
	flag.Parse()
	klog.SetLogger(logr.Discard())
	ctrllog.SetLogger(logr.Discard())
	if err := flag.Set("logtostderr", "true"); err != nil {
		panic(err)
	}
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	os.Exit(m.Run())
}
