package dns

// finding is what a table holds for a name.
type finding struct {
	owner      string // the entry's name
	wildcard   bool   // owner is a proper suffix of the name asked for
	service    *serviceEntry
	node       *recordNode
	delegation *recordSet
}

// lookUp finds the entry for a canonical name: an exact one first, services
// before records; then, from the longest suffix down, a delegation or an
// entry that answers names below its own.
func (t *Table) lookUp(name string) finding {
	if entry, ok := t.names.get(name); ok {
		return finding{owner: name, service: entry}
	}
	if node := t.records[name]; node != nil {
		return finding{owner: name, node: node, delegation: node.delegation}
	}
	if t.wildcards == 0 && !t.below {
		return finding{}
	}
	for up, ok := parent(name); ok; up, ok = parent(up) {
		if entry, found := t.names.get(up); found && entry.svc.Wildcard {
			return finding{owner: up, wildcard: true, service: entry}
		}
		node := t.records[up]
		switch {
		case node == nil:
		case node.delegation != nil:
			return finding{owner: up, wildcard: true, delegation: node.delegation}
		case node.wildcard:
			return finding{owner: up, wildcard: true, node: node}
		}
	}
	return finding{}
}
