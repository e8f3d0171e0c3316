package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Object is one committed state of an object. It never changes, so it may be read without a lock.
type Object struct {
	// Meta is the object's metadata. Not to be modified.
	Meta *metav1.ObjectMeta
	// RV is the resource version as a number.
	RV uint64
	// Fields are the values that field selectors can ask for beyond name and namespace; nil where the resource has none.
	Fields fields.Set

	meta []byte // "metadata":{...}
	rest []byte // empty, or ,"spec":{...},"status":{...}
}

// Preview encodes an object as it would be stored, without storing it. content is everything but apiVersion, kind and
// metadata.
func Preview(meta *metav1.ObjectMeta, content map[string]any) (*Object, error) {
	rest, err := encodeContent(content)
	if err != nil {
		return nil, err
	}
	o := &Object{Meta: meta, rest: rest}
	return o, o.encodeMeta()
}

// equal says whether an object with this metadata and encoded content would be the same, its resource version aside.
func (o *Object) equal(meta *metav1.ObjectMeta, rest []byte) bool {
	if !bytes.Equal(o.rest, rest) {
		return false
	}
	same := *meta
	same.ResourceVersion = o.Meta.ResourceVersion
	other := &Object{Meta: &same}
	return other.encodeMeta() == nil && bytes.Equal(o.meta, other.meta)
}

func (o *Object) encodeMeta() error {
	encoded, err := json.Marshal(o.Meta)
	if err != nil {
		return fmt.Errorf("metadata cannot be written as JSON: %w", err)
	}
	o.meta = append([]byte(`"metadata":`), encoded...)
	return nil
}

func encodeContent(content map[string]any) ([]byte, error) {
	var out bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(content)) {
		name, err := json.Marshal(key)
		if err != nil {
			return nil, fmt.Errorf("field name %q cannot be written as JSON: %w", key, err)
		}
		value, err := json.Marshal(content[key])
		if err != nil {
			return nil, fmt.Errorf("field %q cannot be written as JSON: %w", key, err)
		}
		out.WriteByte(',')
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	return bytes.Clone(out.Bytes()), nil
}

// AppendJSON appends the object to dst. typeMeta is what goes in front of the metadata, such as
// `"kind":"Secret","apiVersion":"v1",`, or nothing.
func (o *Object) AppendJSON(dst []byte, typeMeta string) []byte {
	dst = append(dst, '{')
	dst = append(dst, typeMeta...)
	dst = append(dst, o.meta...)
	dst = append(dst, o.rest...)
	return append(dst, '}')
}

// AppendMetadata appends an object that has the metadata only.
func (o *Object) AppendMetadata(dst []byte, typeMeta string) []byte {
	dst = append(dst, '{')
	dst = append(dst, typeMeta...)
	dst = append(dst, o.meta...)
	return append(dst, '}')
}

// At returns the object as it was, with another resource version: what a watcher is told of an object that has left its
// selection is the state before, at the time of the change.
func (o *Object) At(rv uint64) *Object {
	meta := *o.Meta
	meta.ResourceVersion = formatRV(rv)
	moved := &Object{Meta: &meta, RV: rv, Fields: o.Fields, rest: o.rest}
	if moved.encodeMeta() != nil {
		return o
	}
	return moved
}

// Size returns the length of the encoded object in bytes.
func (o *Object) Size() int { return len(o.meta) + len(o.rest) }
