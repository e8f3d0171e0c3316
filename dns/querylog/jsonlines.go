package querylog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// JSONWriter writes entries one by one, each as one line of JSON with the
// fields of the product's log API. It is for one goroutine at a time; its
// errors are the writer's.
type JSONWriter struct {
	out  *bufio.Writer
	json *json.Encoder
}

var _ EntryWriter = (*JSONWriter)(nil)

// NewJSONWriter returns a writer of lines; nothing is written before Flush or
// a few kilobytes have come together.
func NewJSONWriter(w io.Writer) *JSONWriter {
	out := bufio.NewWriter(w)
	return &JSONWriter{out: out, json: json.NewEncoder(out)}
}

// Write writes the line of an entry.
func (j *JSONWriter) Write(e *Entry) error {
	if err := j.json.Encode(e); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	return nil
}

// Flush writes what has come together.
func (j *JSONWriter) Flush() error {
	if err := j.out.Flush(); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	return nil
}
