package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is a node of a parsed document and what leads to its file.
type place struct {
	node *yaml.Node
	// lines is how many lines of the file precede the document.
	lines int
	// key is the map key the node belongs to, nil for others.
	key *yaml.Node
}

// mergeDepthMax bounds merge keys that lead to maps with merge keys.
const mergeDepthMax = 16

// position is where the field at a path stands: its key in a map, its value in
// a list.
func (p place) position(path string) (line, column int) {
	at := p.child(path)
	switch {
	case at.node == nil:
		return 0, 0
	case at.key != nil:
		return at.key.Line + p.lines, at.key.Column
	default:
		return at.node.Line + p.lines, at.node.Column
	}
}

// child is the place of the field at a path, or of its nearest parent.
func (p place) child(path string) place {
	for path != "" && p.node != nil {
		next, rest, ok := p.step(path)
		if !ok {
			return p
		}
		p, path = next, rest
	}
	return p
}

// step follows the first part of a path.
func (p place) step(path string) (next place, rest string, ok bool) {
	node := resolve(p.node)
	path = strings.TrimPrefix(path, ".")
	switch node.Kind {
	case yaml.SequenceNode:
		index, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 || i >= len(node.Content) {
			return p, path, false
		}
		return place{node: node.Content[i], lines: p.lines}, rest, true
	case yaml.MappingNode:
		key, value, length := lookup(node, path, 0)
		if key == nil {
			return p, path, false
		}
		return place{node: value, lines: p.lines, key: key}, path[length:], true
	}
	return p, path, false
}

// lookup finds the entry of a map that the longest start of a path names, and
// the length of that start.
func lookup(node *yaml.Node, path string, depth int) (key, value *yaml.Node, length int) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		if n := matches(path, k.Value); n > length {
			key, value, length = k, v, n
		}
	}
	if key != nil || depth >= mergeDepthMax {
		return key, value, length
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != "<<" {
			continue
		}
		if merged := resolve(node.Content[i+1]); merged.Kind == yaml.MappingNode {
			if key, value, length = lookup(merged, path, depth+1); key != nil {
				return key, value, length
			}
		}
	}
	return nil, nil, 0
}

// matches is how much of a path names a key: the key itself, or the key in
// brackets; 0 is not at all.
func matches(path, key string) int {
	if bracketed := "[" + key + "]"; strings.HasPrefix(path, bracketed) {
		return len(bracketed)
	}
	if key == "" || !strings.HasPrefix(path, key) {
		return 0
	}
	if rest := path[len(key):]; rest != "" && rest[0] != '.' && rest[0] != '[' {
		return 0
	}
	return len(key)
}

// resolve follows an alias.
func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode && node.Alias != nil {
		node = node.Alias
	}
	return node
}

// keyFault is a map key that is read otherwise than it looks.
type keyFault struct {
	path            string
	line, column    int
	problem, remedy string
}

// switches are the words that YAML 1.1, which Kubernetes reads, takes for true
// and false.
var switches = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// keyFaults finds keys that are given twice in one map, of which the last would
// count, and keys that are read as true or false. What is below the field skip
// is left out; empty is nothing.
func (p place) keyFaults(skip string) []keyFault {
	var found []keyFault
	add := func(path string, key *yaml.Node, problem, remedy string) {
		found = append(found, keyFault{path, key.Line + p.lines, key.Column, problem, remedy})
	}
	var walk func(node *yaml.Node, path string)
	walk = func(node *yaml.Node, path string) {
		switch node.Kind {
		case yaml.SequenceNode:
			for i, item := range node.Content {
				walk(item, path+"["+strconv.Itoa(i)+"]")
			}
		case yaml.MappingNode:
			first := map[string]int{}
			for i := 0; i+1 < len(node.Content); i += 2 {
				key := node.Content[i]
				at := join(path, key.Value)
				if line, ok := first[key.Value]; ok && key.Value != "<<" {
					add(at, key, "is given twice", fmt.Sprintf("remove one; the other is in line %d", line))
				} else {
					first[key.Value] = key.Line + p.lines
				}
				if word, ok := switches[key.Value]; ok && key.Style == 0 {
					add(at, key, fmt.Sprintf("is read as the key %t", word), "put it in quotes")
				}
				if at != skip || skip == "" {
					walk(node.Content[i+1], at)
				}
			}
		}
	}
	if p.node != nil {
		walk(p.node, "")
	}
	return found
}

// join adds a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
