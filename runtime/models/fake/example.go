package fake

import (
	"encoding/json"
	"slices"
	"strings"

	"tandem/runtime/models"
)

// maxDepth bounds schemas that refer to themselves.
const maxDepth = 8

// schema is what the fake understands of JSON Schema.
type schema struct {
	Type       json.RawMessage            `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Items      json.RawMessage            `json:"items"`
	Enum       []json.RawMessage          `json:"enum"`
	Const      json.RawMessage            `json:"const"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
	OneOf      []json.RawMessage          `json:"oneOf"`
	Ref        string                     `json:"$ref"`
	Minimum    json.RawMessage            `json:"minimum"`
	Defs       map[string]json.RawMessage `json:"$defs"`
	Old        map[string]json.RawMessage `json:"definitions"`
}

// example is a value that a schema allows. Texts are the prompt.
func example(raw json.RawMessage, prompt string) json.RawMessage {
	var root schema
	if json.Unmarshal(raw, &root) != nil {
		return json.RawMessage("{}")
	}
	return instance(raw, root, prompt, 0)
}

func instance(raw json.RawMessage, root schema, prompt string, depth int) json.RawMessage {
	var s schema
	if depth > maxDepth || json.Unmarshal(raw, &s) != nil {
		return json.RawMessage("null")
	}
	alternatives := slices.Concat(s.AnyOf, s.OneOf)
	switch {
	case len(s.Const) > 0:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Ref == "#":
		return json.RawMessage("null")
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		target := root.Defs[name]
		if target == nil {
			target = root.Old[name]
		}
		return instance(target, root, prompt, depth+1)
	case len(alternatives) > 0:
		return instance(alternatives[0], root, prompt, depth+1)
	}
	switch s.kind() {
	case "string":
		return models.Quote(prompt)
	case "number", "integer":
		if len(s.Minimum) > 0 {
			return s.Minimum
		}
		return json.RawMessage("1")
	case "boolean":
		return json.RawMessage("true")
	case "null":
		return json.RawMessage("null")
	case "array":
		if len(s.Items) == 0 {
			return json.RawMessage("[]")
		}
		return append(append(json.RawMessage{'['}, instance(s.Items, root, prompt, depth+1)...), ']')
	default:
		object := map[string]json.RawMessage{}
		for name, property := range s.Properties {
			object[name] = instance(property, root, prompt, depth+1)
		}
		out, err := json.Marshal(object)
		if err != nil {
			return json.RawMessage("{}")
		}
		return out
	}
}

// kind is the type, the first where there are several.
func (s schema) kind() string {
	var one string
	var several []string
	if json.Unmarshal(s.Type, &one) != nil && json.Unmarshal(s.Type, &several) == nil && len(several) > 0 {
		return several[0]
	}
	return one
}
