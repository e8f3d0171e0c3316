package live

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"

	"github.com/gslbsim/gslbsim/fakeavi/journal"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// journalled is the part of a controller that the disk keeps; with no Journal, nothing is kept.
type journalled struct{ journal *journal.Journal }

// fileName is what a controller must be named like for a folder to bear its name.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// openJournal opens the folder of a controller below dir; nothing is kept if dir is empty.
func openJournal(dir, controller string) (*journalled, error) {
	if dir == "" {
		return &journalled{}, nil
	}
	if !fileName.MatchString(controller) {
		return nil, fmt.Errorf("to keep its data, name it with letters, digits, '.', '_' and '-'")
	}
	j, err := journal.Open(journal.Config{Dir: filepath.Join(dir, controller)})
	if err != nil {
		return nil, err
	}
	return &journalled{j}, nil
}

func (j *journalled) restore(s *store.Store) (found bool, err error) {
	if j.journal == nil {
		return false, nil
	}
	return j.journal.Restore(s)
}

// start makes every change of the store durable; fail is told if the disk fails later.
func (j *journalled) start(s *store.Store, fail func(error)) error {
	if j.journal == nil {
		return nil
	}
	return j.journal.Start(s, fail)
}

// durable lets replies out when the disk has what they acknowledge.
func (j *journalled) durable(next http.Handler) http.Handler {
	if j.journal == nil {
		return next
	}
	return j.journal.Durable(next)
}

func (j *journalled) close() error {
	if j.journal == nil {
		return nil
	}
	if err := j.journal.Close(); err != nil && !errors.Is(err, journal.ErrClosed) {
		return err
	}
	return nil
}
