package avitest

import (
	"flag"
	"os"
	"testing"
)

// Main runs tests as their TestMain with a quiet SDK: its logger would write each request to standard error and to files in
// the temporary folder. What panics and fails is still seen. It does not return.
//
//	func TestMain(m *testing.M) { avitest.Main(m) }
func Main(m *testing.M) {
	flag.Parse()
	if err := flag.Set("logtostderr", "true"); err != nil {
		panic(err)
	}
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	os.Exit(m.Run())
}
