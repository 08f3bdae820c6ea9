package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// readOverride turns path.to.key=value into a tree with that one value. A
// value whose place wants text is text, as written: nobody should have to
// quote an account id twice, once for YAML and once for the shell.
func readOverride(expression, flag string, schema *keywords) (*node, []Problem) {
	whole := &source{name: CommandLine, text: expression, prefix: flag}
	fail := func(column, width int, message, hint string) (*node, []Problem) {
		return nil, []Problem{{Position: whole.position(1, column, width), Message: message, Hint: hint}}
	}
	end := pathEnd(expression)
	if end < 0 {
		return fail(1, utf8.RuneCountInString(expression), "an override needs a path, an equals sign and a value",
			"write "+flag+"workers.documents.timeout=2h")
	}
	p, offsets, err := parsePath(expression[:end])
	if err != nil {
		return fail(1, end, "the path of an override cannot be read: "+err.Error(), "write keys with dots between them")
	}
	for i, part := range p {
		if strings.HasPrefix(part, "[") {
			return fail(offsets[i]+1, len(part), "an override cannot reach into a list",
				fmt.Sprintf("lists are replaced whole: %s%s=[...]", flag, p[:i]))
		}
	}
	text := expression[end+1:]
	if strings.TrimSpace(text) == "" {
		return fail(end+1, 1, fmt.Sprintf("no value for %s", p), fmt.Sprintf("to remove it, write %s%s=null", flag, p))
	}
	value, found := parse(&source{name: CommandLine, text: text, prefix: flag + expression[:end+1]})
	if len(found) > 0 {
		return nil, found
	}
	if wantsText(schema, p) && value.kind == scalar {
		value.value, value.text = strings.TrimSpace(text), strings.TrimSpace(text)
		if unquoted, ok := unquote(value.text); ok {
			value.value, value.text = unquoted, unquoted
		}
	}
	for i := len(p) - 1; i >= 0; i-- {
		at := whole.position(1, utf8.RuneCountInString(expression[:offsets[i]])+1, utf8.RuneCountInString(p[i]))
		parent := newObject(at)
		parent.set(p[i], value, at)
		value = parent
	}
	return value, nil
}

// pathEnd is where the equals sign stands that ends the path.
func pathEnd(expression string) int {
	quoted := false
	for i := range len(expression) {
		switch expression[i] {
		case '"':
			quoted = !quoted
		case '=':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

func wantsText(schema *keywords, p path) bool {
	k := schema.resolve(schema)
	for _, part := range p {
		if k = k.child(schema, part); k == nil {
			return false
		}
	}
	return len(k.Type) > 0 && k.Type.allows("string")
}

func unquote(text string) (string, bool) {
	if len(text) < 2 || text[0] != text[len(text)-1] || (text[0] != '"' && text[0] != '\'') {
		return "", false
	}
	return text[1 : len(text)-1], true
}
