//go:build !unix

package journal

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder opens the lock file; this system has no lock that ends with its process, so two users are not noticed.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return f, nil
}
