package strict

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is the path to a node. It becomes a text only when somebody needs it: files with millions of fields are read.
type place struct {
	up     *place
	key    string // under which the node stands; of a place without up, the path to it
	index  int    // in a list
	listed bool
}

// String is the path as messages show it: "timeline[0].until".
func (p *place) String() string {
	switch {
	case p.up == nil:
		return p.key
	case p.listed:
		return p.up.String() + "[" + strconv.Itoa(p.index) + "]"
	default:
		return Join(p.up.String(), p.key)
	}
}

// Join appends a key to a field path.
func Join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// parent is the path of what a field stands in.
func parent(field string) string {
	if i := strings.LastIndexAny(field, ".["); i >= 0 {
		return field[:i]
	}
	return ""
}

// enclosing follows a path from a node as far as the file goes.
func enclosing(n *yaml.Node, path string) *yaml.Node {
	if path == "" {
		return n
	}
	inner, rest := step(n, path)
	if inner == nil {
		return n
	}
	return enclosing(inner, rest)
}

// step is the node which the beginning of a path leads to, and the rest of the path; nil if there is none.
func step(n *yaml.Node, path string) (inner *yaml.Node, rest string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.SequenceNode:
		number, after, _ := strings.Cut(strings.TrimPrefix(path, "["), "]")
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], strings.TrimPrefix(after, ".")
		}
	case yaml.MappingNode:
		// Keys may hold dots and brackets: the longest one that fits is meant.
		longest := -1
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			after, ok := strings.CutPrefix(path, key)
			if ok && len(key) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
				longest, inner, rest = len(key), n.Content[i+1], strings.TrimPrefix(after, ".")
			}
		}
	}
	return inner, rest
}
