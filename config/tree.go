package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is where a value was written.
type Position struct {
	// File as the loader opened it; [CommandLine], [Default] or [Computed]
	// where no file holds the value.
	File string
	// Line and Column count from 1; Line is 0 where there is no file.
	Line, Column int
	// Width of what is meant, in characters.
	Width int
	// excerpt is the text of the line, for values that no file holds.
	excerpt string
}

// What stands in [Position.File] for values that no file holds.
const (
	CommandLine = "command line"
	Default     = "default"
	Computed    = "computed"
)

// String is file:line, or the word that stands for the file.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

type kind int

const (
	scalar kind = iota
	null
	object
	list
)

// node is one value of the merged tree, with the place that it came from.
type node struct {
	kind kind
	// value of a scalar: string, int64, uint64, float64 or bool.
	value any
	// text of a scalar as it was written, without quotes.
	text   string
	keys   []string
	fields map[string]field
	items  []*node
	at     Position
}

type field struct {
	value *node
	// at is where the key was written.
	at Position
}

func newObject(at Position) *node {
	return &node{kind: object, fields: map[string]field{}, at: at}
}

func (n *node) set(key string, value *node, at Position) {
	if _, ok := n.fields[key]; !ok {
		n.keys = append(n.keys, key)
	}
	n.fields[key] = field{value: value, at: at}
}

func (n *node) remove(key string) {
	delete(n.fields, key)
	for i, k := range n.keys {
		if k == key {
			n.keys = append(n.keys[:i:i], n.keys[i+1:]...)
			return
		}
	}
}

// plain is the value without its positions, as a decoder wants it.
func (n *node) plain() any {
	switch n.kind {
	case object:
		values := make(map[string]any, len(n.keys))
		for _, key := range n.keys {
			values[key] = n.fields[key].value.plain()
		}
		return values
	case list:
		values := make([]any, len(n.items))
		for i, item := range n.items {
			values[i] = item.plain()
		}
		return values
	case null:
		return nil
	default:
		return n.value
	}
}

// path leads to a value: keys, and positions in lists as numbers.
type path []string

func (p path) key(name string) path {
	return append(p[:len(p):len(p)], name)
}

func (p path) index(i int) path {
	return p.key("[" + strconv.Itoa(i) + "]")
}

// String joins with dots; a key that itself holds a dot is quoted.
func (p path) String() string {
	var text strings.Builder
	for i, part := range p {
		isIndex := strings.HasPrefix(part, "[")
		if i > 0 && !isIndex {
			text.WriteByte('.')
		}
		if !isIndex && (part == "" || strings.ContainsAny(part, `."=[] `)) {
			text.WriteString(strconv.Quote(part))
			continue
		}
		text.WriteString(part)
	}
	return text.String()
}

// Path joins keys into a path as Origin takes it: a key that itself holds a
// dot, such as a model's name, is quoted.
func Path(keys ...string) string { return path(keys).String() }

// parsePath reads what String writes; the offsets, in bytes, are where each
// part begins.
func parsePath(text string) (p path, offsets []int, err error) {
	rest := text
	for {
		offsets = append(offsets, len(text)-len(rest))
		var part string
		switch {
		case strings.HasPrefix(rest, `"`):
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, nil, fmt.Errorf("the quotes in %q do not close", text)
			}
			part, err = strconv.Unquote(quoted)
			if err != nil {
				return nil, nil, fmt.Errorf("the quotes in %q hold no text", text)
			}
			rest = rest[len(quoted):]
		case strings.HasPrefix(rest, "["):
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, nil, fmt.Errorf("%q lacks a closing bracket", text)
			}
			part, rest = rest[:end+1], rest[end+1:]
		default:
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
			if part == "" {
				return nil, nil, fmt.Errorf("%q has an empty part", text)
			}
		}
		p = append(p, part)
		switch {
		case rest == "":
			return p, offsets, nil
		case strings.HasPrefix(rest, "."):
			rest = rest[1:]
		case strings.HasPrefix(rest, "["):
		default:
			return nil, nil, fmt.Errorf("%q needs a dot before %q", text, rest)
		}
	}
}

// find walks down the tree; its key's position comes with it.
func (n *node) find(p path) (value *node, key Position, ok bool) {
	key = n.at
	for _, part := range p {
		switch n.kind {
		case object:
			f, present := n.fields[part]
			if !present {
				return nil, Position{}, false
			}
			n, key = f.value, f.at
		case list:
			i, err := strconv.Atoi(strings.Trim(part, "[]"))
			if err != nil || i < 0 || i >= len(n.items) {
				return nil, Position{}, false
			}
			n = n.items[i]
			key = n.at
		default:
			return nil, Position{}, false
		}
	}
	return n, key, true
}
