package cloudassembly

import (
	"regexp"
	"strings"
)

// walk is one question about a value. It stops after maxSteps.
type walk struct {
	steps int
	text  strings.Builder
	found []*Resource
	// measure writes as many x for a token as it will have characters.
	measure bool
}

// Target is the resource that the value itself is a Ref or Fn::GetAtt of, in
// whatever stack; nil where it is none.
func (v Value) Target() *Resource {
	v = v.Resolve()
	name, argument := v.Intrinsic()
	id, _ := argument.(string)
	if name == "Fn::GetAtt" {
		id, _ = attribute(argument)
	}
	if v.Stack == nil || name != "Ref" && name != "Fn::GetAtt" {
		return nil
	}
	return v.Stack.Resources[id]
}

// Refs are the resources that a value refers to, anywhere inside it, in order.
func (v Value) Refs() []*Resource {
	var w walk
	w.collect(v)
	return w.found
}

func (w *walk) collect(v Value) {
	if w.steps++; w.steps > maxSteps {
		return
	}
	v = v.Resolve()
	name, argument := v.Intrinsic()
	switch name {
	case "Ref":
		id, _ := argument.(string)
		w.refer(v.Stack, id)
	case "Fn::GetAtt":
		id, _ := attribute(argument)
		w.refer(v.Stack, id)
	case "Fn::Sub":
		w.collectSub(v.Stack, argument)
	default:
		switch typed := v.Raw.(type) {
		case []any:
			for _, each := range typed {
				w.collect(Value{v.Stack, each})
			}
		case map[string]any:
			for _, key := range sortedKeys(typed) {
				w.collect(Value{v.Stack, typed[key]})
			}
		}
	}
}

func (w *walk) refer(s *IndexedStack, id string) {
	if s == nil {
		return
	}
	if r := s.Resources[id]; r != nil {
		w.found = append(w.found, r)
	}
}

func (w *walk) collectSub(s *IndexedStack, argument any) {
	template, variables := substitution(argument)
	for _, match := range placeholder.FindAllStringSubmatch(template, -1) {
		if given, found := variables[match[1]]; found {
			w.collect(Value{s, given})
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
