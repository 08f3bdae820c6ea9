package cloudassembly

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Text is all that is known of a string. What is only known after the
// deployment stands as ${LogicalId.Attribute}. Fn::Base64 is left out.
func (v Value) Text() string {
	var w walk
	w.write(v)
	return w.text.String()
}

func (w *walk) write(v Value) {
	if w.steps++; w.steps > maxSteps || w.text.Len() > maxText {
		return
	}
	v = v.Resolve()
	if literal, known := v.Literal(); known {
		w.text.WriteString(literal)
		return
	}
	name, argument := v.Intrinsic()
	switch name {
	case "Fn::Join":
		w.writeJoin(v.Stack, argument)
	case "Fn::Sub":
		w.writeSub(v.Stack, argument)
	case "Fn::Base64":
		w.write(Value{v.Stack, argument})
	case "Ref":
		id, _ := argument.(string)
		w.writeToken(v.Stack, id, "")
	case "Fn::GetAtt":
		id, of := attribute(argument)
		w.writeToken(v.Stack, id, of)
	case "":
	default:
		w.writeToken(nil, name, "")
	}
}

func (w *walk) writeToken(s *IndexedStack, id, attribute string) {
	switch {
	case w.measure && s != nil:
		w.text.WriteString(strings.Repeat("x", s.tokenLength(id, attribute)))
	case w.measure:
		w.text.WriteString(strings.Repeat("x", unknownToken))
	case attribute != "":
		w.text.WriteString("${" + id + "." + attribute + "}")
	default:
		w.text.WriteString("${" + id + "}")
	}
}

func (w *walk) writeJoin(s *IndexedStack, argument any) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return
	}
	separator, _ := parts[0].(string)
	for i, part := range (Value{s, parts[1]}).List() {
		if i > 0 {
			w.text.WriteString(separator)
		}
		w.write(part)
	}
}

func (w *walk) writeSub(s *IndexedStack, argument any) {
	template, variables := substitution(argument)
	rest := 0
	for _, match := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		w.text.WriteString(template[rest:match[0]])
		name := template[match[2]:match[3]]
		if given, found := variables[name]; found {
			w.write(Value{s, given})
		} else if id, of, isAttribute := strings.Cut(name, "."); isAttribute {
			w.write(Value{s, map[string]any{"Fn::GetAtt": []any{id, of}}})
		} else {
			w.write(Value{s, map[string]any{"Ref": name}})
		}
		rest = match[1]
	}
	w.text.WriteString(template[rest:])
}

// Script is a text that may have been encoded already, as user data may be.
func (v Value) Script() string {
	text := v.Text()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err == nil && utf8.Valid(raw) && len(raw) > 0 {
		return string(raw)
	}
	return text
}
