package store

import "slices"

// Draft is a write that is being prepared.
type Draft struct {
	// Op is Created or Updated.
	Op Op
	// Type is the type's name in URLs.
	Type string
	// UUID is the object's identifier: of a new object, the one that it will have.
	UUID string
	// Tenant is the name of the owning tenant.
	Tenant string
	// Old is the state that is replaced, nil for Created.
	Old *Object
	// Body may be changed. It is normalised and its references are canonical; what is put in must be so too.
	Body map[string]any
}

// Preparer completes a client's write, for example with an allocated address. An error refuses the write; an *Error says with
// which status.
type Preparer func(*Draft) error

// Admitter judges a client's write before its commit. old is nil for Created, new for Deleted. An error refuses the write; an
// *Error says with which status.
type Admitter func(op Op, old, new *Object) error

// Prepare registers fn for creations and updates. It is called while the write holds the writers' lock: it may read the store,
// but a write from it deadlocks. Functions are called in the order of their registration.
func (s *Store) Prepare(fn Preparer) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.prepare = append(s.prepare, fn)
}

// Admit registers fn for creations, updates and deletions, with the rules that Prepare's functions have. Writes marked [System]
// and replicated ones ([Store.Apply]) are not asked about.
func (s *Store) Admit(fn Admitter) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.admit = append(s.admit, fn)
}

func (s *Store) admitted(w *write, op Op, old, new *Object) error {
	for _, fn := range slices.Concat(w.judges, s.admit) {
		if err := fn(op, old, new); err != nil {
			return err
		}
	}
	return nil
}
