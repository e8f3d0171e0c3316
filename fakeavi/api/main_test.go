package api_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the SDK's logger off the file system and quiet: it would write every error reply that a test provokes.
func TestMain(m *testing.M) {
	flag.Parse()
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
