package config

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// commentColumn is where origins begin, if the value leaves room.
const commentColumn = 56

// WriteYAML prints the environment as one YAML document: complete with all
// defaults, each value followed by where it came from.
func (l *Loaded) WriteYAML(w io.Writer) error {
	p := &printer{schema: l.schema}
	fmt.Fprintf(&p.out, "# environment %s\n", l.Environment)
	p.object(l.complete(), l.schema.resolve(l.schema), 0)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// WriteJSON prints the complete environment for programs: the configuration,
// and the origin of each value by its path.
func (l *Loaded) WriteJSON(w io.Writer) error {
	tree := l.complete()
	origins := map[string]string{}
	tree.eachScalar(nil, func(p path, n *node) { origins[p.String()] = n.at.String() })
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{
		"environment": l.Environment, "config": tree.plain(), "origins": origins,
	})
}

func (l *Loaded) complete() *node {
	tree := l.tree.clone()
	complete(tree, reflect.ValueOf(l.Config))
	return tree
}

func (n *node) eachScalar(p path, do func(path, *node)) {
	for _, key := range n.keys {
		n.fields[key].value.eachScalar(p.key(key), do)
	}
	for i, item := range n.items {
		item.eachScalar(p.index(i), do)
	}
	if n.kind == scalar {
		do(p, n)
	}
}

type printer struct {
	out    strings.Builder
	schema *keywords
	// lead stands before the first key of a list's entry.
	lead string
}

// object prints keys in their order.
func (p *printer) object(n *node, k *keywords, depth int) {
	for _, key := range k.order(n) {
		f := n.fields[key]
		label := p.indent(depth) + yamlText(key) + ":"
		switch value := f.value; {
		case value.kind == object && len(value.keys) > 0:
			p.line(label, Position{})
			property := k.child(p.schema, key)
			if property == nil {
				property = &keywords{}
			}
			p.object(value, property, depth+1)
		case value.kind == list && !value.isFlow():
			p.line(label, Position{})
			p.list(value, k.child(p.schema, key), depth+1)
		case value.kind == scalar && isBlock(value):
			p.line(label+" "+blockIndicator(value.text), value.at)
			for line := range strings.Lines(value.text) {
				p.out.WriteString(strings.TrimRight(strings.Repeat("  ", depth+1)+strings.TrimSuffix(line, "\n"), " ") + "\n")
			}
		default:
			p.line(label+" "+inline(value), value.firstAt())
		}
	}
}

func (p *printer) list(n *node, k *keywords, depth int) {
	items := &keywords{}
	if k != nil && k.Items != nil {
		items = k.Items.resolve(p.schema)
	}
	for _, item := range n.items {
		if item.kind == object && len(item.keys) > 0 {
			p.lead = strings.Repeat("  ", depth) + "- "
			p.object(item, items, depth+1)
			continue
		}
		p.line(strings.Repeat("  ", depth)+"- "+inline(item), item.firstAt())
	}
}

func (p *printer) indent(depth int) string {
	if lead := p.lead; lead != "" {
		p.lead = ""
		return lead
	}
	return strings.Repeat("  ", depth)
}

func (p *printer) line(text string, at Position) {
	p.out.WriteString(text)
	if at.File != "" {
		p.out.WriteString(strings.Repeat(" ", max(commentColumn-utf8.RuneCountInString(text), 1)))
		p.out.WriteString("# " + at.String())
	}
	p.out.WriteByte('\n')
}

// firstAt is where a value was written; for a list, its first entry.
func (n *node) firstAt() Position {
	if n.kind == list && len(n.items) > 0 {
		return n.items[0].at
	}
	return n.at
}

// isFlow is whether a list is short enough for one line.
func (n *node) isFlow() bool {
	for _, item := range n.items {
		if item.kind != scalar || strings.Contains(item.text, "\n") {
			return false
		}
	}
	return true
}

func inline(n *node) string {
	switch n.kind {
	case object:
		return "{}"
	case list:
		items := make([]string, len(n.items))
		for i, item := range n.items {
			items[i] = inline(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case null:
		return "null"
	}
	if text, ok := n.value.(string); ok {
		return yamlText(text)
	}
	return n.text
}

// yamlText quotes a text where YAML would read something else, also in a list
// on one line.
func yamlText(text string) string {
	// The library writes a leading question mark, a key's sign, as it is.
	if strings.ContainsAny(text, "\n\r\t,[]{}\"'\\") || strings.HasPrefix(text, "?") {
		return jsonText(text)
	}
	written, err := yaml.Marshal(text)
	if err != nil || strings.Count(string(written), "\n") != 1 {
		return jsonText(text)
	}
	return strings.TrimSuffix(string(written), "\n")
}

func jsonText(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return fmt.Sprintf("%q", text)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// isBlock is whether a text reads better on lines of its own, and can stand
// there unchanged.
func isBlock(n *node) bool {
	text, ok := n.value.(string)
	if !ok || !strings.Contains(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.ContainsAny(text, "\r\t") {
		return false
	}
	for line := range strings.Lines(text) {
		content := strings.TrimSuffix(line, "\n")
		if strings.HasSuffix(content, " ") || strings.HasPrefix(content, " ") && line == firstLine(text)+"\n" {
			return false
		}
	}
	return text[0] != '\n'
}

func blockIndicator(text string) string {
	if strings.HasSuffix(text, "\n") {
		return "|"
	}
	return "|-"
}

// order is the order in which keys are shown: that of the types, and for names
// that in which they were written.
func (k *keywords) order(n *node) []string {
	ordered := make([]string, 0, len(n.keys))
	for _, name := range k.Order {
		if _, ok := n.fields[name]; ok {
			ordered = append(ordered, name)
		}
	}
	for _, key := range n.keys {
		if k.Properties[key] == nil {
			ordered = append(ordered, key)
		}
	}
	return ordered
}
