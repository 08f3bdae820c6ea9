package checks

import (
	"regexp"
	"strings"
)

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
