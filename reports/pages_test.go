package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// runs are the fixtures by name.
func runs() map[string]*result.Result {
	return map[string]*result.Result{
		"broken": failover(), "pass": kept(), "inconclusive": unjudged(), "crowded": crowded(64), "nothing": nothing(),
	}
}

// TestPages writes the reports of all fixtures into the folder named by PAGES, to be looked at.
func TestPages(t *testing.T) {
	dir := os.Getenv("PAGES")
	if dir == "" {
		t.Skip("PAGES names no folder")
	}
	pages := runs()
	pages["hostile"] = hostile(strings.Join(hostileTexts, " "), int64(3*time.Minute))
	for name, r := range pages {
		if _, err := reports.Write(filepath.Join(dir, name), r); err != nil {
			t.Fatal(err)
		}
	}
}
