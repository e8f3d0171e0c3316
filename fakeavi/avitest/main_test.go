package avitest_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the SDK's logger off the file system and quiet.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("logtostderr", "true"); err != nil {
		panic(err)
	}
	stderr := os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	code := m.Run()
	os.Stderr = stderr
	os.Exit(code)
}
