package config

import "github.com/invopop/jsonschema"

// keywordRequired lists what the merged environment must have.
const keywordRequired = "x-required"

// asLayer turns the schema of a merged environment into one that each file
// meets by itself, since that is what an editor checks: a key that another
// layer may bring is not missing, and null removes. What must be there after
// the merge is kept under a keyword that editors pass over.
func asLayer(s *jsonschema.Schema) {
	if s == nil || s == jsonschema.FalseSchema || s == jsonschema.TrueSchema {
		return
	}
	extra := func(key string, value any) {
		if s.Extras == nil {
			s.Extras = map[string]any{}
		}
		s.Extras[key] = value
	}
	if s.Required != nil {
		extra(keywordRequired, s.Required)
		s.Required = nil
	}
	if s.Type != "" {
		extra("type", []string{s.Type, "null"})
		s.Type = ""
		if s.Enum != nil {
			s.Enum = append(s.Enum, nil)
		}
	}
	for _, definition := range s.Definitions {
		asLayer(definition)
	}
	if s.Properties != nil {
		for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
			asLayer(pair.Value)
		}
	}
	asLayer(s.AdditionalProperties)
}
