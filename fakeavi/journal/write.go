package journal

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// entry is a change in a log.
type entry struct {
	Version uint64       `json:"version"`
	Deleted bool         `json:"deleted,omitempty"`
	Record  store.Record `json:"record"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// line is an entry as it stands in a log.
func line(c store.Change) ([]byte, error) {
	e := entry{Version: c.Version, Deleted: c.Op == store.Deleted, Record: c.Object().Record()}
	if e.Deleted {
		// Who is gone needs no content, but a body makes it an object.
		e.Record.Body = map[string]any{"name": c.Object().Name}
	}
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(text)+10)
	out = fmt.Appendf(out, "%08x ", crc32.Checksum(text, castagnoli))
	return append(append(out, text...), '\n'), nil
}

// flush brings all changes of the store to the disk and returns the version that the disk has then.
func (j *Journal) flush() (version uint64, err error) {
	j.mu.Lock()
	from := j.durable
	j.mu.Unlock()
	changes, ok := j.store.Since(from)
	if !ok || j.size > j.cfg.LogMax {
		return j.snapshot()
	}
	if len(changes) == 0 {
		return from, nil
	}
	w := bufio.NewWriterSize(j.log, 1<<16)
	for _, c := range changes {
		text, err := line(c)
		if err != nil {
			return 0, fmt.Errorf("journal: %w", err)
		}
		if _, err := w.Write(text); err != nil {
			return 0, fmt.Errorf("journal: %w", err)
		}
		j.size += int64(len(text))
	}
	if err := w.Flush(); err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	if err := j.log.Sync(); err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	return changes[len(changes)-1].Version, nil
}

// turn starts the first generation of this process.
func (j *Journal) turn() error {
	version, err := j.snapshot()
	if err == nil {
		j.durable = version
	}
	return err
}

// snapshot starts the next generation: a snapshot with an empty log. The one before counts until the new one is whole.
func (j *Journal) snapshot() (version uint64, err error) {
	next := j.generation + 1
	name := j.path("snapshot", next, ".json")
	if version, err = j.writeSnapshot(name + ".tmp"); err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	log, err := os.OpenFile(j.path("journal", next, ".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	if err := os.Rename(name+".tmp", name); err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	if err := syncFolder(j.cfg.Dir); err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	if j.log != nil {
		_ = j.log.Close()
	}
	old := j.generation
	j.log, j.size, j.generation = log, 0, next
	// What is left behind costs space, and nothing else.
	_ = os.Remove(j.path("snapshot", old, ".json"))
	_ = os.Remove(j.path("journal", old, ".log"))
	return version, nil
}

func (j *Journal) writeSnapshot(name string) (version uint64, err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if version, err = j.store.SnapshotAt(w); err != nil {
		return 0, err
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	return version, f.Sync()
}

func (j *Journal) path(kind string, generation uint64, suffix string) string {
	return filepath.Join(j.cfg.Dir, kind+"-"+strconv.FormatUint(generation, 10)+suffix)
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
