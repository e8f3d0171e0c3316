package manifest

import "fmt"

// Parse reads a source as Load does, but takes every document as it is, for
// programs that look at more than manifests, or at documents with faults in
// them. Documents need not have a kind; their Typed is nil, and no namespace is
// filled in.
//
// The error, if any, is of type Errors, and only about the YAML itself and the
// limits. Documents that could be read are returned beside it.
func Parse(name string, src []byte, opts Options) ([]Document, error) {
	opts = opts.withDefaults()
	l := &loader{opts: opts, faults: faults{file: name, max: opts.ErrorsMax}, unchecked: true}
	l.load(src)
	return l.documents, l.faults.err()
}

// Check returns the faults that Load would find in a document that Parse
// returned, apart from those that Parse found and from objects given twice. It
// fills in the namespace and Typed as Load does. The error is as that of Load.
func (d *Document) Check(opts Options) error {
	opts = opts.withDefaults()
	known, err := kindsOf(opts.CRDs)
	if err != nil {
		return fmt.Errorf("manifest %s: %w", d.File, err)
	}
	l := &loader{opts: opts, kinds: known, faults: faults{file: d.File, max: opts.ErrorsMax}, seen: map[identity]int{}}
	l.check(d)
	return l.faults.err()
}
