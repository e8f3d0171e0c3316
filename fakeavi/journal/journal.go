package journal

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Config of a Journal.
type Config struct {
	// Dir is the folder; it is made if it does not exist. One process at a time may use it.
	Dir string
	// LogMax is the size of a log, in bytes, at which it becomes a snapshot; 64 MiB if 0.
	LogMax int64
}

const logMax = 64 << 20

// ErrClosed is returned by Wait for what was not on the disk when the Journal was closed.
var ErrClosed = errors.New("journal: closed")

// Journal keeps one store on disk. Open it, Restore the store, Start it; its other methods are safe for concurrent use.
type Journal struct {
	cfg  Config
	lock *os.File

	generation uint64 // on disk; 0: none
	store      *store.Store
	fail       func(error)
	log        *os.File
	size       int64
	cancel     func() // ends the subscription
	stopped    chan struct{}

	mu      sync.Mutex
	synced  *sync.Cond // durable or failed changed
	wanted  *sync.Cond // pending or closing changed
	pending bool
	closing bool
	durable uint64 // version of the store that is on disk
	failed  error
}

// Open takes a folder. The error says what is wrong with it, or that another process uses it.
func Open(cfg Config) (*Journal, error) {
	if cfg.LogMax == 0 {
		cfg.LogMax = logMax
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w; give a folder that can be written", err)
	}
	lock, err := lockFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{cfg: cfg, lock: lock, stopped: make(chan struct{})}
	j.synced, j.wanted = sync.NewCond(&j.mu), sync.NewCond(&j.mu)
	if j.generation, err = newestGeneration(cfg.Dir); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return j, nil
}

// Restore fills a store with what the folder holds; found is false if that is nothing, and the store was left alone.
func (j *Journal) Restore(s *store.Store) (found bool, err error) {
	if j.generation == 0 {
		return false, nil
	}
	return true, j.replay(s)
}

// Start makes the present state of the store durable, and from then on every change of it. If the disk fails later, fail
// is told why, once; it may be nil.
func (j *Journal) Start(s *store.Store, fail func(error)) error {
	j.store, j.fail = s, fail
	j.cancel = s.Subscribe(func(store.Change) { j.wake() })
	if err := j.turn(); err != nil {
		j.cancel()
		return err
	}
	go j.run()
	return nil
}

func (j *Journal) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending = true
	j.wanted.Signal()
}

// Wait blocks until the disk has all commits of the store up to a version. An error means that it does not, and never
// will: the disk failed, or the Journal was closed.
func (j *Journal) Wait(version uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.durable < version {
		j.pending = true
		j.wanted.Signal()
	}
	for j.durable < version {
		switch {
		case j.failed != nil:
			return j.failed
		case j.closing:
			return ErrClosed
		}
		j.synced.Wait()
	}
	return nil
}

// Err returns why the disk does not have what it should; nil if all is well.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failed
}

// run writes whenever there is something to write.
func (j *Journal) run() {
	defer close(j.stopped)
	for {
		j.mu.Lock()
		for !j.pending && !j.closing {
			j.wanted.Wait()
		}
		closing := j.closing && !j.pending
		j.pending = false
		j.mu.Unlock()
		if closing {
			return
		}
		version, err := j.flush()
		j.mu.Lock()
		if err != nil {
			j.failed = err
		} else {
			j.durable = version
		}
		j.synced.Broadcast()
		j.mu.Unlock()
		if err != nil {
			if j.fail != nil {
				j.fail(err)
			}
			return
		}
	}
}

// Close writes what is left and gives the folder back. The error is that of the disk.
func (j *Journal) Close() error {
	if j.cancel != nil {
		j.cancel()
		j.mu.Lock()
		j.closing, j.pending = true, true
		j.wanted.Signal()
		j.mu.Unlock()
		<-j.stopped
	}
	j.mu.Lock()
	j.synced.Broadcast()
	err := j.failed
	j.mu.Unlock()
	if j.log != nil {
		err = errors.Join(err, j.log.Close())
	}
	return errors.Join(err, j.lock.Close())
}
