package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// keywords is a schema as the loader enforces it. Each keyword that
// schema.json may hold has a field: one that is not known here is an error, so
// that no constraint can be written and then passed over.
type keywords struct {
	Schema               string               `json:"$schema"`
	Ref                  string               `json:"$ref"`
	Defs                 map[string]*keywords `json:"$defs"`
	Title                string               `json:"title"`
	Description          string               `json:"description"`
	Type                 oneOrMany            `json:"type"`
	Properties           map[string]*keywords `json:"properties"`
	AdditionalProperties *keywords            `json:"additionalProperties"`
	PropertyNames        *keywords            `json:"propertyNames"`
	Items                *keywords            `json:"items"`
	Enum                 []any                `json:"enum"`
	Pattern              string               `json:"pattern"`
	Format               string               `json:"format"`
	Minimum              *float64             `json:"minimum"`
	Maximum              *float64             `json:"maximum"`
	MinItems             int                  `json:"minItems"`
	MaxItems             int                  `json:"maxItems"`
	UniqueItems          bool                 `json:"uniqueItems"`
	Default              any                  `json:"default"`
	Unit                 string               `json:"x-unit"`
	UnitMinimum          string               `json:"x-minimum"`
	UnitMaximum          string               `json:"x-maximum"`
	Required             []string             `json:"x-required"`
	// Nothing is the schema false: no value is right.
	Nothing bool `json:"-"`
	// Order is that of the properties in the text.
	Order []string `json:"-"`
}

// ownKeywords reads the embedded schema once: nothing changes it afterwards.
var ownKeywords = sync.OnceValues(func() (*keywords, error) { return parseKeywords(schemaJSON) })

func parseKeywords(text []byte) (*keywords, error) {
	var root keywords
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("read the configuration's own schema (regenerate it with go generate ./config): %w", err)
	}
	return &root, nil
}

// UnmarshalJSON reads a schema, which may be true or false.
func (k *keywords) UnmarshalJSON(text []byte) error {
	switch string(bytes.TrimSpace(text)) {
	case "true":
		return nil
	case "false":
		k.Nothing = true
		return nil
	}
	type plain keywords
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode((*plain)(k)); err != nil {
		return err
	}
	var ordered struct {
		Properties keyOrder `json:"properties"`
	}
	if len(k.Properties) > 0 {
		if err := json.Unmarshal(text, &ordered); err != nil {
			return err
		}
		k.Order = ordered.Properties
	}
	return nil
}

// keyOrder reads the keys of a JSON object in their order.
type keyOrder []string

// UnmarshalJSON reads the keys and skips the values.
func (o *keyOrder) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		*o = append(*o, fmt.Sprint(key))
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}

type oneOrMany []string

// UnmarshalJSON reads a type, or the types that are allowed.
func (o *oneOrMany) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		*o = []string{""}
		return json.Unmarshal(text, &(*o)[0])
	}
	return json.Unmarshal(text, (*[]string)(o))
}

func (o oneOrMany) allows(name string) bool {
	return len(o) == 0 || slices.Contains(o, name)
}

// resolve follows a reference; what stands beside it is kept.
func (k *keywords) resolve(root *keywords) *keywords {
	if k == nil || k.Ref == "" {
		return k
	}
	target, ok := root.Defs[strings.TrimPrefix(k.Ref, "#/$defs/")]
	if !ok {
		return k
	}
	merged := *target
	if k.Default != nil {
		merged.Default = k.Default
	}
	if k.Description != "" {
		merged.Description = k.Description
	}
	return &merged
}

// child is the schema of one key of an object; nil where the key is unknown.
func (k *keywords) child(root *keywords, key string) *keywords {
	if p, ok := k.Properties[key]; ok {
		return p.resolve(root)
	}
	if k.AdditionalProperties != nil && k.AdditionalProperties.Nothing {
		return nil
	}
	if k.AdditionalProperties == nil {
		return &keywords{}
	}
	return k.AdditionalProperties.resolve(root)
}
