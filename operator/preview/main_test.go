package preview_test

import (
	"flag"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// TestMain keeps the loggers of the SDK and of client-go quiet and off the file system: they would write every fault that
// tests make.
func TestMain(m *testing.M) {
	flag.Parse()
	klog.SetLogger(logr.Discard())
	ctrllog.SetLogger(logr.Discard())
	for name, value := range map[string]string{"logtostderr": "true", "stderrthreshold": "FATAL", "v": "0"} {
		if f := flag.Lookup(name); f != nil {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
	}
	stderr := os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	code := m.Run()
	os.Stderr = stderr
	os.Exit(code)
}
