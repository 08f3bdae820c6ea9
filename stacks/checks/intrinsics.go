package checks

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// maxHops bounds how far one reference is followed, maxSteps how many parts
	// of a template one question may look at: a template may refer to itself.
	// Texts end at maxText bytes.
	maxHops  = 16
	maxSteps = 20_000
	maxText  = 1 << 20
)

// resolve follows what leads to another part of an assembly: parameters,
// outputs of other stacks and the branches of a condition.
func (v value) resolve() value {
	for range maxHops {
		next, moved := v.hop()
		if !moved {
			return v
		}
		v = next
	}
	return value{v.stack, nil}
}

func (v value) hop() (value, bool) {
	name, argument := v.intrinsic()
	switch name {
	case "Ref":
		return v.hopParameter(argument)
	case "Fn::GetAtt":
		return v.hopNestedOutput(argument)
	case "Fn::GetStackOutput":
		return v.hopStackOutput(argument)
	case "Fn::ImportValue":
		return v.hopExport(argument)
	case "Fn::If":
		return v.hopCondition(argument)
	case "Fn::Select":
		return v.hopSelection(argument)
	}
	return v, false
}

// intrinsic is the function that a value calls, if it calls one.
func (v value) intrinsic() (name string, argument any) {
	entries, isMap := v.raw.(map[string]any)
	if !isMap || len(entries) != 1 {
		return "", nil
	}
	for name, argument := range entries {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument
		}
	}
	return "", nil
}

func (v value) hopParameter(argument any) (value, bool) {
	name, _ := argument.(string)
	if name == "AWS::NoValue" {
		return value{v.stack, nil}, true
	}
	if v.stack == nil || v.stack.resources[name] != nil {
		return v, false
	}
	if holder := v.stack.holder(); holder != nil {
		if given := holder.prop("Parameters").at(name); given.raw != nil {
			return given, true
		}
	}
	parameters, _ := v.stack.Template["Parameters"].(map[string]any)
	parameter, _ := parameters[name].(map[string]any)
	kind, _ := parameter["Type"].(string)
	if fallback, found := parameter["Default"]; found && !strings.HasPrefix(kind, "AWS::SSM::") {
		return value{v.stack, fallback}, true
	}
	return v, false
}

// holder is the resource in the parent stack that stands for a nested stack.
func (s *stack) holder() *resource {
	if parent := s.model.byID[s.Parent]; s.Parent != "" && parent != nil {
		return parent.resources[s.ParentResource]
	}
	return nil
}

func (v value) hopNestedOutput(argument any) (value, bool) {
	id, attribute := attribute(argument)
	output, isOutput := strings.CutPrefix(attribute, "Outputs.")
	if !isOutput || v.stack == nil {
		return v, false
	}
	for _, nested := range v.stack.model.stacks {
		if nested.Parent == v.stack.ID && nested.ParentResource == id {
			return nested.output(output)
		}
	}
	return v, false
}

// attribute takes both forms of Fn::GetAtt.
func attribute(argument any) (id, name string) {
	switch typed := argument.(type) {
	case string:
		id, name, _ = strings.Cut(typed, ".")
	case []any:
		if len(typed) == 2 {
			id, _ = typed[0].(string)
			name, _ = typed[1].(string)
		}
	}
	return id, name
}

// hopStackOutput follows a weak reference, which the CDK writes where context
// @aws-cdk/core:defaultCrossStackReferences is weak.
func (v value) hopStackOutput(argument any) (value, bool) {
	parts, _ := argument.(map[string]any)
	name, _ := parts["StackName"].(string)
	output, _ := parts["OutputName"].(string)
	if v.stack == nil {
		return v, false
	}
	if other := v.stack.model.byName[name]; other != nil {
		return other.output(output)
	}
	return v, false
}

func (s *stack) output(name string) (value, bool) {
	outputs, _ := s.Template["Outputs"].(map[string]any)
	output, found := outputs[name].(map[string]any)
	return value{s, output["Value"]}, found
}

func (v value) hopExport(argument any) (value, bool) {
	name, isText := argument.(string)
	if !isText || v.stack == nil {
		return v, false
	}
	for _, other := range v.stack.model.stacks {
		outputs, _ := other.Template["Outputs"].(map[string]any)
		for _, key := range sortedKeys(outputs) {
			output, _ := outputs[key].(map[string]any)
			export, _ := output["Export"].(map[string]any)
			if export["Name"] == any(name) {
				return value{other, output["Value"]}, true
			}
		}
	}
	return v, false
}

// hopCondition takes the first branch that has a value.
func (v value) hopCondition(argument any) (value, bool) {
	branches, _ := argument.([]any)
	if len(branches) != 3 {
		return v, false
	}
	if name, of := (value{v.stack, branches[1]}).intrinsic(); name == "Ref" && of == any("AWS::NoValue") {
		return value{v.stack, branches[2]}, true
	}
	return value{v.stack, branches[1]}, true
}

func (v value) hopSelection(argument any) (value, bool) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return v, false
	}
	from, isList := parts[1].([]any)
	index, isNumber := value{nil, parts[0]}.number()
	if !isList || !isNumber || index < 0 || int(index) >= len(from) {
		return v, false
	}
	return value{v.stack, from[int(index)]}, true
}

// walk is one question about a value. It stops after maxSteps.
type walk struct {
	steps int
	text  strings.Builder
	found []*resource
	// measure writes as many x for a token as it will have characters.
	measure bool
}

// refs are the resources that a value refers to, anywhere inside it, in order.
func (v value) refs() []*resource {
	var w walk
	w.collect(v)
	return w.found
}

func (w *walk) collect(v value) {
	if w.steps++; w.steps > maxSteps {
		return
	}
	v = v.resolve()
	name, argument := v.intrinsic()
	switch name {
	case "Ref":
		id, _ := argument.(string)
		w.refer(v.stack, id)
	case "Fn::GetAtt":
		id, _ := attribute(argument)
		w.refer(v.stack, id)
	case "Fn::Sub":
		w.collectSub(v.stack, argument)
	default:
		switch typed := v.raw.(type) {
		case []any:
			for _, each := range typed {
				w.collect(value{v.stack, each})
			}
		case map[string]any:
			for _, key := range sortedKeys(typed) {
				w.collect(value{v.stack, typed[key]})
			}
		}
	}
}

func (w *walk) refer(s *stack, id string) {
	if s == nil {
		return
	}
	if r := s.resources[id]; r != nil {
		w.found = append(w.found, r)
	}
}

func (w *walk) collectSub(s *stack, argument any) {
	template, variables := substitution(argument)
	for _, match := range placeholder.FindAllStringSubmatch(template, -1) {
		if given, found := variables[match[1]]; found {
			w.collect(value{s, given})
			continue
		}
		id, _, _ := strings.Cut(match[1], ".")
		w.refer(s, id)
	}
}

var placeholder = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// substitution takes both forms of Fn::Sub.
func substitution(argument any) (template string, variables map[string]any) {
	switch typed := argument.(type) {
	case string:
		return typed, nil
	case []any:
		if len(typed) == 2 {
			template, _ = typed[0].(string)
			variables, _ = typed[1].(map[string]any)
		}
	}
	return template, variables
}

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
