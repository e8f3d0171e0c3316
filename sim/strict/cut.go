package strict

import (
	"bytes"
	"regexp"
)

// longList is a file cut up: its longest list, and what is left of the file.
type longList struct {
	key      string
	keyLine  int    // of the key, from 1
	skeleton []byte // the file with an empty list and empty lines in place of the list
	pieces   []piece
	length   int // how many items there are

	parsed parsedPiece // the piece that was looked at last
}

// piece is a part of a list's text: whole items.
type piece struct {
	text  []byte
	lines int // that stand before it in the file
	first int // number of its first item
	items int
}

// bareKey is a line that begins a list: a key of the file's outermost mapping, with nothing behind it.
var bareKey = regexp.MustCompile(`^([A-Za-z0-9_-]+):$`)

// cut looks for the longest list in block style that stands in a file's outermost mapping, and cuts it into pieces of about
// size bytes. It looks at indentation alone: whether a line that looks like an item is one, in a file with texts over several
// lines, shows when the pieces are parsed. The result is nil if there is no such list.
func cut(src []byte, size int) *longList {
	if bytes.Contains(src, []byte("\n---")) || bytes.Contains(src, []byte("\n...")) {
		return nil // the file may hold several documents
	}
	c := cutter{src: src, size: size}
	for at := 0; at < len(src); c.line++ {
		end := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		c.take(at, end)
		at = end
	}
	c.finish(len(src))
	return c.result()
}

// cutter goes through a file line by line.
type cutter struct {
	src  []byte
	size int
	line int // lines before this one

	open, longest *block
}

// block is a list in the file.
type block struct {
	key        string
	keyLine    int
	keyEnd     int // where the key's line ends, without what separates it from the next
	indent     int // of the items; -1 before the first
	start, end int
	pieces     []piece
	pieceStart int
	items      int
}

// take looks at a line, which stands at src[at:end].
func (c *cutter) take(at, end int) {
	line := bytes.TrimRight(c.src[at:end], " \t\r\n")
	text := bytes.TrimLeft(line, " ")
	if len(text) == 0 || text[0] == '#' {
		return
	}
	indent := len(line) - len(text)
	isItem := text[0] == '-' && (len(text) == 1 || text[1] == ' ')
	if b := c.open; b != nil {
		switch {
		case b.indent < 0 && isItem:
			b.indent, b.start, b.pieceStart = indent, at, at
			b.pieces = append(b.pieces, piece{lines: c.line})
			b.items++
			return
		case b.indent >= 0 && indent > b.indent:
			return
		case b.indent >= 0 && indent == b.indent && isItem:
			if at-b.pieceStart >= c.size {
				b.close(c.src, at)
				b.pieceStart = at
				b.pieces = append(b.pieces, piece{lines: c.line, first: b.items})
			}
			b.items++
			return
		}
		c.finish(at)
	}
	if key := bareKey.FindSubmatch(line); key != nil {
		c.open = &block{key: string(key[1]), keyLine: c.line + 1, keyEnd: at + len(line), indent: -1}
	}
}

// close ends the last piece.
func (b *block) close(src []byte, at int) {
	last := &b.pieces[len(b.pieces)-1]
	last.text, last.items = src[b.pieceStart:at], b.items-last.first
}

// finish ends the open list.
func (c *cutter) finish(at int) {
	b := c.open
	c.open = nil
	if b == nil || b.indent < 0 {
		return
	}
	b.end = at
	b.close(c.src, at)
	if c.longest == nil || b.end-b.start > c.longest.end-c.longest.start {
		c.longest = b
	}
}

func (c *cutter) result() *longList {
	b := c.longest
	if b == nil {
		return nil
	}
	skeleton := bytes.Join([][]byte{
		c.src[:b.keyEnd], []byte(" []"), c.src[b.keyEnd:b.start],
		bytes.Repeat([]byte("\n"), bytes.Count(c.src[b.start:b.end], []byte("\n"))), c.src[b.end:],
	}, nil)
	return &longList{key: b.key, keyLine: b.keyLine, skeleton: skeleton, pieces: b.pieces, length: b.items}
}
