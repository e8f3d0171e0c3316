package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// newestGeneration returns the number of the newest snapshot in a folder, 0 if there is none.
func newestGeneration(dir string) (uint64, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	newest := uint64(0)
	for _, f := range files {
		number, ok := strings.CutPrefix(f.Name(), "snapshot-")
		if number, ok = cutBoth(number, ".json", ok); !ok {
			continue
		}
		if n, err := strconv.ParseUint(number, 10, 64); err == nil {
			newest = max(newest, n)
		}
	}
	return newest, nil
}

func cutBoth(text, suffix string, ok bool) (string, bool) {
	text, cut := strings.CutSuffix(text, suffix)
	return text, ok && cut
}

// replay fills a store with the snapshot and the log of the newest generation.
func (j *Journal) replay(s *store.Store) error {
	f, err := os.Open(j.path("snapshot", j.generation, ".json"))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	if err := s.Restore(bufio.NewReaderSize(f, 1<<20)); err != nil {
		return fmt.Errorf("journal: %s: %w", f.Name(), err)
	}
	log, err := os.Open(j.path("journal", j.generation, ".log"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("journal: %w", err)
	}
	defer log.Close()
	if err := replayLog(log, s); err != nil {
		return fmt.Errorf("journal: %s: %w", log.Name(), err)
	}
	return nil
}

// replayLog applies a log to a store. A last line without its end is dropped.
func replayLog(r io.Reader, s *store.Store) error {
	in := bufio.NewReaderSize(r, 1<<20)
	for number := 1; ; number++ {
		text, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		change, err := parse(s, bytes.TrimSuffix(text, []byte("\n")))
		if err == nil {
			err = s.Apply([]store.Change{change})
		}
		if err == nil {
			continue
		}
		if _, more := in.Peek(1); more == io.EOF {
			return nil
		}
		return fmt.Errorf("line %d: %w", number, err)
	}
}

// parse reads a line of a log.
func parse(s *store.Store, text []byte) (store.Change, error) {
	sum, rest, ok := bytes.Cut(text, []byte(" "))
	if !ok {
		return store.Change{}, errors.New("not a line of a journal")
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || uint32(want) != crc32.Checksum(rest, castagnoli) {
		return store.Change{}, errors.New("the check sum is wrong: the file is damaged")
	}
	dec := json.NewDecoder(bytes.NewReader(rest))
	dec.UseNumber()
	var e entry
	if err := dec.Decode(&e); err != nil {
		return store.Change{}, err
	}
	o, err := s.Object(e.Record)
	if err != nil {
		return store.Change{}, err
	}
	if e.Deleted {
		return store.Change{Op: store.Deleted, Old: o}, nil
	}
	return store.Change{Op: store.Created, New: o}, nil
}
