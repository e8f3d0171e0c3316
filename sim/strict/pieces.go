package strict

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	// longFile is the size in bytes from which on a file is decoded in pieces. As a tree, YAML takes about fifty times the
	// memory of its text.
	longFile = 1 << 20
	// pieceSize is how much text of a list is decoded at a time.
	pieceSize = 64 << 10
)

// decodeInPieces is Decode with the file's longest list read piece by piece, each forgotten before the next. It returns nil,
// and leaves into as it is, where that cannot be done: the file is to be decoded as a whole then.
func decodeInPieces(name string, src []byte, into any, size int) *File {
	long := cut(src, size)
	target := reflect.ValueOf(into).Elem()
	if long == nil || target.Kind() != reflect.Struct {
		return nil
	}
	index, ok := fieldsOf(target.Type())[long.key]
	if !ok || target.FieldByIndex(index).Kind() != reflect.Slice {
		return nil
	}
	fresh := reflect.New(target.Type())
	list := fresh.Elem().FieldByIndex(index)
	if _, ok := list.Addr().Interface().(Decoder); ok {
		return nil
	}
	f := decodeWhole(name, long.skeleton, fresh.Interface())
	if f.root == nil || !long.isEmptyIn(f.root) {
		return nil
	}
	f.long = long
	list.Set(reflect.MakeSlice(list.Type(), long.length, long.length))
	for i := range long.pieces {
		items, err := long.parse(i)
		if err != nil {
			return nil
		}
		for j, item := range items.Content {
			number := long.pieces[i].first + j
			f.value(&place{up: &place{key: long.key}, index: number, listed: true}, item, list.Index(number))
		}
	}
	target.Set(fresh.Elem())
	return f
}

// isEmptyIn tells whether the skeleton has the list where it was cut out, rather than a text that looked like one, and moves
// it to the line of the first item.
func (l *longList) isEmptyIn(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, list := root.Content[i], root.Content[i+1]
		if key.Line == l.keyLine && key.Value == l.key {
			list.Line = l.pieces[0].lines + 1
			return list.Kind == yaml.SequenceNode && len(list.Content) == 0 && list.Anchor == ""
		}
	}
	return false
}

// parsedPiece is a piece as a tree.
type parsedPiece struct {
	piece *piece
	items *yaml.Node
}

var errMiscut = errors.New("the text is no list of so many items")

// parse returns the items of a piece, with their lines in the file.
func (l *longList) parse(i int) (*yaml.Node, error) {
	p := &l.pieces[i]
	if l.parsed.piece == p {
		return l.parsed.items, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(p.text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode || len(doc.Content[0].Content) != p.items {
		return nil, errMiscut
	}
	items := doc.Content[0]
	moveDown(items, p.lines)
	l.parsed = parsedPiece{p, items}
	return items, nil
}

func moveDown(n *yaml.Node, lines int) {
	n.Line += lines
	for _, inner := range n.Content {
		moveDown(inner, lines)
	}
}

// line is the line of a field within the list; not ok if the field is elsewhere.
func (l *longList) line(field string) (line int, ok bool) {
	rest, ok := strings.CutPrefix(field, l.key+"[")
	if !ok {
		return 0, false
	}
	digits, within, _ := strings.Cut(rest, "]")
	number, err := strconv.Atoi(digits)
	if err != nil || number < 0 || number >= l.length {
		return 0, false
	}
	i, found := slices.BinarySearchFunc(l.pieces, number, func(p piece, number int) int { return p.first - number })
	if !found {
		i--
	}
	items, err := l.parse(i)
	if err != nil {
		return 0, false
	}
	return enclosing(items, fmt.Sprintf("[%d]%s", number-l.pieces[i].first, within)).Line, true
}
