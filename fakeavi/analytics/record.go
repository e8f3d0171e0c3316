package analytics

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ParseRecord reads a record from its JSON.
func ParseRecord(text []byte) (Record, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var r Record
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("log record: %w", err)
	}
	return r, nil
}
