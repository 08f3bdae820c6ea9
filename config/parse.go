package config

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxNodes bounds what aliases may blow a small file up to.
const maxNodes = 100_000

// maxBytes is far above any configuration, and low enough for a parser whose
// time grows faster than the text.
const maxBytes = MiB

// source is one text that values come from: a file, or one override.
type source struct {
	name string
	// text is what is parsed.
	text string
	// prefix stands before the text on the command line; empty for a file.
	prefix string
}

// at is where a token stands.
func (s *source) at(tk *token.Token) Position {
	if tk == nil || tk.Position == nil {
		return s.position(1, 1, 1)
	}
	width := utf8.RuneCountInString(strings.TrimSpace(firstLine(strings.TrimLeft(tk.Origin, " \t\r\n"))))
	return s.position(tk.Position.Line, tk.Position.Column, width)
}

func (s *source) position(line, column, width int) Position {
	p := Position{File: s.name, Line: line, Column: max(column, 1), Width: max(width, 1)}
	if s.prefix != "" {
		if line == 1 {
			p.Column += utf8.RuneCountInString(s.prefix)
		}
		p.Line, p.excerpt = 0, firstLine(s.prefix+s.text)
	}
	return p
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// reader turns one YAML document into a tree, collecting all that is wrong.
type reader struct {
	source   *source
	anchors  map[string]*node
	nodes    int
	tooMany  bool
	problems []Problem
}

// parse reads a source. The tree is nil where the text is no YAML at all.
func parse(src *source) (root *node, problems []Problem) {
	r := &reader{source: src, anchors: map[string]*node{}}
	// The parser is a library fed with whatever a user wrote.
	defer func() {
		if cause := recover(); cause != nil {
			root = nil
			problems = []Problem{{
				Position: src.position(1, 1, 1),
				Message:  fmt.Sprintf("the YAML parser gave up on this text: %v", cause),
			}}
		}
	}()
	if Size(len(src.text)) > maxBytes {
		return nil, []Problem{{Position: src.position(1, 1, 1), Message: fmt.Sprintf("the text is larger than %s", maxBytes)}}
	}
	if strings.ContainsRune(src.text, 0) || !utf8.ValidString(src.text) {
		return nil, []Problem{{Position: src.position(1, 1, 1), Message: "this is not UTF-8 text"}}
	}
	file, err := parser.ParseBytes([]byte(src.text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, []Problem{r.syntaxProblem(err)}
	}
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			r.report(doc.Body.GetToken(), "only one YAML document is read", "remove the --- and what follows it")
			break
		}
		root = r.node(doc.Body)
	}
	if root == nil {
		root = &node{kind: null, at: src.position(1, 1, 1)}
	}
	return root, r.problems
}

func (r *reader) syntaxProblem(err error) Problem {
	var located yaml.Error
	if !errors.As(err, &located) {
		return Problem{Position: r.source.position(1, 1, 1), Message: "YAML syntax: " + err.Error()}
	}
	p := Problem{Position: r.source.at(located.GetToken()), Message: "YAML syntax: " + located.GetMessage()}
	if tk := located.GetToken(); tk != nil && strings.Contains(tk.Origin, "\t") {
		p.Hint = "indent with spaces: YAML does not take tabs"
	}
	return p
}

func (r *reader) report(tk *token.Token, message, hint string) {
	r.problems = append(r.problems, Problem{Position: r.source.at(tk), Message: message, Hint: hint})
}

func (r *reader) node(n ast.Node) *node {
	if !r.afford(n, 1) {
		return &node{kind: null, at: r.source.at(n.GetToken())}
	}
	at := r.source.at(n.GetToken())
	switch n := n.(type) {
	case *ast.NullNode:
		return &node{kind: null, at: at}
	case *ast.MappingNode:
		return r.object(n.Values, r.source.at(n.Start))
	case *ast.MappingValueNode:
		return r.object([]*ast.MappingValueNode{n}, at)
	case *ast.SequenceNode:
		result := &node{kind: list, at: at}
		for _, item := range n.Values {
			result.items = append(result.items, r.node(item))
		}
		return result
	case *ast.LiteralNode:
		return &node{kind: scalar, value: n.Value.Value, text: n.Value.Value, at: at}
	case *ast.AnchorNode:
		result := r.node(n.Value)
		r.anchors[n.Name.GetToken().Value] = result
		return result
	case *ast.AliasNode:
		return r.alias(n)
	case *ast.TagNode:
		return r.tagged(n)
	case ast.ScalarNode:
		return r.scalar(n, at)
	default:
		r.report(n.GetToken(), fmt.Sprintf("%s cannot stand here", strings.ToLower(n.Type().String())), "")
		return &node{kind: null, at: at}
	}
}

// afford counts values, and reports once that there are too many.
func (r *reader) afford(n ast.Node, more int) bool {
	r.nodes += more
	if r.nodes > maxNodes && !r.tooMany {
		r.tooMany = true
		r.report(n.GetToken(), fmt.Sprintf("more than %d values once aliases are followed", maxNodes), "")
	}
	return !r.tooMany
}

func (r *reader) scalar(n ast.ScalarNode, at Position) *node {
	text := n.GetToken().Value
	switch value := n.GetValue().(type) {
	case float64:
		if math.IsInf(value, 0) || math.IsNaN(value) {
			break // nothing is unlimited here: it is text that no number takes
		}
		return &node{kind: scalar, value: value, text: text, at: at}
	case string, int64, uint64, bool:
		return &node{kind: scalar, value: value, text: text, at: at}
	case int:
		return &node{kind: scalar, value: int64(value), text: text, at: at}
	}
	return &node{kind: scalar, value: text, text: text, at: at}
}

func (r *reader) object(pairs []*ast.MappingValueNode, at Position) *node {
	result := newObject(at)
	if len(pairs) > 0 {
		at = r.source.at(pairs[0].Key.GetToken())
		result.at = at
	}
	var merged []*node
	for _, pair := range pairs {
		keyToken := pair.Key.GetToken()
		if pair.Key.IsMergeKey() {
			merged = append(merged, r.mergeSources(pair.Value)...)
			continue
		}
		key, ok := r.key(pair.Key)
		if !ok {
			continue
		}
		if first, seen := result.fields[key]; seen {
			r.report(keyToken, fmt.Sprintf("duplicate key %q", key), fmt.Sprintf("first written at %s", first.at))
			continue
		}
		value := r.node(pair.Value)
		// An empty value has no text of its own to point at.
		if value.kind == null || value.at.Line < r.source.at(keyToken).Line {
			value.at = r.source.at(keyToken)
		}
		result.set(key, value, r.source.at(keyToken))
	}
	for _, other := range merged {
		for _, key := range other.keys {
			if _, own := result.fields[key]; !own {
				result.set(key, other.fields[key].value, other.fields[key].at)
			}
		}
	}
	return result
}

func (r *reader) key(n ast.Node) (string, bool) {
	if wrapped, ok := n.(*ast.MappingKeyNode); ok {
		n = wrapped.Value
	}
	if _, ok := n.(ast.ScalarNode); !ok || n.GetToken() == nil {
		r.report(n.GetToken(), "a key must be plain text", "")
		return "", false
	}
	return n.GetToken().Value, true
}

// mergeSources are the objects that a << key takes its defaults from.
func (r *reader) mergeSources(n ast.Node) []*node {
	value := r.node(n)
	candidates := []*node{value}
	if value.kind == list {
		candidates = value.items
	}
	var objects []*node
	for _, c := range candidates {
		if c.kind != object {
			r.report(n.GetToken(), "<< takes an alias of a map, such as *common", "")
			continue
		}
		objects = append(objects, c)
	}
	return objects
}

func (r *reader) alias(n *ast.AliasNode) *node {
	name := n.Value.GetToken().Value
	target, ok := r.anchors[name]
	if !ok {
		r.report(n.GetToken(), fmt.Sprintf("no anchor &%s stands before this alias in the same file", name), "")
		return &node{kind: null, at: r.source.at(n.GetToken())}
	}
	if !r.afford(n, target.count()) {
		return &node{kind: null, at: r.source.at(n.GetToken())}
	}
	return target.clone()
}

func (r *reader) tagged(n *ast.TagNode) *node {
	name := n.GetToken().Value
	value := r.node(n.Value)
	switch {
	case name == "!!str" && value.kind == scalar:
		value.value = value.text
	case name == "!!int", name == "!!bool", name == "!!float", name == "!!map", name == "!!seq", name == "!!null":
	default:
		r.report(n.GetToken(), fmt.Sprintf("the tag %s is not known here", name), "write plain values: CloudFormation functions such as !Ref are not read")
		return &node{kind: null, at: value.at}
	}
	return value
}

func (n *node) count() int {
	total := 1
	for _, f := range n.fields {
		total += f.value.count()
	}
	for _, item := range n.items {
		total += item.count()
	}
	return total
}

func (n *node) clone() *node {
	c := *n
	c.keys = append([]string(nil), n.keys...)
	if n.fields != nil {
		c.fields = make(map[string]field, len(n.fields))
		for key, f := range n.fields {
			c.fields[key] = field{value: f.value.clone(), at: f.at}
		}
	}
	c.items = nil
	for _, item := range n.items {
		c.items = append(c.items, item.clone())
	}
	return &c
}
