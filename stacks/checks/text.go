package checks

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// text is all that is known of a string. What is only known after the
// deployment stands as ${LogicalId.Attribute}. Fn::Base64 is left out.
func (v value) text() string {
	var w walk
	w.write(v)
	return w.text.String()
}

func (w *walk) write(v value) {
	if w.steps++; w.steps > maxSteps || w.text.Len() > maxText {
		return
	}
	v = v.resolve()
	if literal, known := v.literal(); known {
		w.text.WriteString(literal)
		return
	}
	name, argument := v.intrinsic()
	switch name {
	case "Fn::Join":
		w.writeJoin(v.stack, argument)
	case "Fn::Sub":
		w.writeSub(v.stack, argument)
	case "Fn::Base64":
		w.write(value{v.stack, argument})
	case "Ref":
		id, _ := argument.(string)
		w.writeToken(v.stack, id, "")
	case "Fn::GetAtt":
		id, of := attribute(argument)
		w.writeToken(v.stack, id, of)
	case "":
	default:
		w.writeToken(nil, name, "")
	}
}

func (w *walk) writeToken(s *stack, id, attribute string) {
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

func (w *walk) writeJoin(s *stack, argument any) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return
	}
	separator, _ := parts[0].(string)
	for i, part := range (value{s, parts[1]}).list() {
		if i > 0 {
			w.text.WriteString(separator)
		}
		w.write(part)
	}
}

func (w *walk) writeSub(s *stack, argument any) {
	template, variables := substitution(argument)
	rest := 0
	for _, match := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		w.text.WriteString(template[rest:match[0]])
		name := template[match[2]:match[3]]
		if given, found := variables[name]; found {
			w.write(value{s, given})
		} else if id, of, isAttribute := strings.Cut(name, "."); isAttribute {
			w.write(value{s, map[string]any{"Fn::GetAtt": []any{id, of}}})
		} else {
			w.write(value{s, map[string]any{"Ref": name}})
		}
		rest = match[1]
	}
	w.text.WriteString(template[rest:])
}

// script is a text that may have been encoded already, as user data may be.
func (v value) script() string {
	text := v.text()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err == nil && utf8.Valid(raw) && len(raw) > 0 {
		return string(raw)
	}
	return text
}
