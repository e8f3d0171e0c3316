package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gslbsim/gslbsim/dns/querylog"
)

// queryLogFlags are the options of a live server's query log.
type queryLogFlags struct {
	path     string
	throttle int
	fullFor  time.Duration
	size     int // of a file, in MB
}

// open starts the log; nil without a file for it.
func (f *queryLogFlags) open(stderr io.Writer) (*querylog.Stream, error) {
	if f.path == "" {
		return nil, nil
	}
	if f.throttle < 0 || f.fullFor < 0 || f.size < 1 {
		return nil, errors.New("--query-log-throttle and --query-log-full-for must not be negative, and --query-log-size must be at least 1")
	}
	file := &queryLogFile{path: f.path, limit: int64(f.size) << 20}
	if err := file.open(); err != nil {
		return nil, fmt.Errorf("--query-log %w", err)
	}
	policy := querylog.DefaultPolicy(time.Now())
	policy.Significant, policy.Filtered, policy.Full, policy.FullDuration = f.throttle, f.throttle, f.throttle, f.fullFor
	if f.throttle == 0 {
		policy.PerEngine = 0
	}
	return querylog.NewStream(querylog.StreamConfig{
		Policy: policy, VirtualService: "virtualservice-gslbsim", ServiceEngine: "gslbsim", Writer: file,
		Failed: func(err error) { fmt.Fprintf(stderr, "gslbsim dns: %v; entries are lost\n", err) },
	}), nil
}

// queryLogFile is a file of log entries: CSV if its name says so, else lines of JSON. At its limit it becomes FILE.1, in
// place of the one before, and a new one is begun.
type queryLogFile struct {
	path  string
	limit int64 // in bytes

	file    *os.File // nil after an error
	written int64
	entries querylog.EntryWriter
}

var _ querylog.EntryWriter = (*queryLogFile)(nil)

// open opens the file to append to.
func (f *queryLogFile) open() error {
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return err
	}
	f.file, f.written = file, info.Size()
	counted := writerFunc(func(p []byte) (int, error) {
		n, err := file.Write(p)
		f.written += int64(n)
		return n, err
	})
	if filepath.Ext(f.path) != ".csv" {
		f.entries = querylog.NewJSONWriter(counted)
		return nil
	}
	csv := querylog.NewCSVWriter(counted)
	f.entries = csv
	if f.written > 0 {
		return nil
	}
	return csv.WriteHeader()
}

// Write implements querylog.EntryWriter. After an error the file is opened anew.
func (f *queryLogFile) Write(e *querylog.Entry) error {
	if f.file == nil {
		if err := f.open(); err != nil {
			return fmt.Errorf("query log: %w", err)
		}
	}
	if f.written >= f.limit {
		if err := f.rotate(); err != nil {
			return f.abandon(err)
		}
	}
	return f.abandon(f.entries.Write(e))
}

// Flush implements querylog.EntryWriter.
func (f *queryLogFile) Flush() error {
	if f.file == nil {
		return nil
	}
	return f.abandon(f.entries.Flush())
}

// rotate begins a new file.
func (f *queryLogFile) rotate() error {
	if err := f.entries.Flush(); err != nil {
		return err
	}
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	if err := os.Rename(f.path, f.path+".1"); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	if err := f.open(); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	return nil
}

// abandon gives the file up after an error.
func (f *queryLogFile) abandon(err error) error {
	if err != nil && f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
	return err
}

type writerFunc func([]byte) (int, error)

// Write implements io.Writer.
func (w writerFunc) Write(p []byte) (int, error) { return w(p) }
