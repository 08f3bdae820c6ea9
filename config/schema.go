package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// SchemaFile is the name of the generated JSON Schema beside the YAML files.
const SchemaFile = "schema.json"

//go:embed schema.json
var schemaJSON []byte

// SchemaJSON is the JSON Schema of the configuration: each file meets it by
// itself in an editor, and Load holds the merged environment against it, with
// what must be there after the merge under x-required.
func SchemaJSON() []byte { return append([]byte(nil), schemaJSON...) }

// Keywords of the schema that JSON Schema itself lacks: which of our own texts
// a string is, and its bounds, as the text.
const (
	keywordUnit    = "x-unit"
	keywordMinimum = "x-minimum"
	keywordMaximum = "x-maximum"
)

// Texts with units.
const (
	unitDuration = "duration"
	unitSize     = "size"
)

// GenerateSchema reflects the types, with the comments of the Go files in dir
// (this package's folder) as descriptions.
func GenerateSchema(dir string) ([]byte, error) {
	r := &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Anonymous:                  true,
		Mapper:                     mapUnits,
	}
	if err := r.AddGoComments("tandem/config", dir, jsonschema.WithFullComment()); err != nil {
		return nil, fmt.Errorf("read the comments of the types in %s: %w", dir, err)
	}
	// The reader keys comments by folder; they belong to this package.
	for key, comment := range r.CommentMap {
		if i := strings.LastIndex(key, "/"); i >= 0 {
			if _, name, ok := strings.Cut(key[i:], "."); ok {
				r.CommentMap["tandem/config."+name] = comment
			}
		}
	}
	s := r.Reflect(&Config{})
	s.Title = "Tandem environment"
	markNested(s, reflect.TypeFor[Config](), map[reflect.Type]bool{})
	asLayer(s)
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return append(text, '\n'), nil
}

func mapUnits(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern, Extras: map[string]any{keywordUnit: unitDuration}}
	case reflect.TypeFor[Size]():
		return &jsonschema.Schema{Type: "string", Pattern: sizePattern, Extras: map[string]any{keywordUnit: unitSize}}
	}
	return nil
}

// markNested names each property as its key does, and gives each part that is a struct and not a pointer the default
// {}, so that the defaults within it hold even where the part isn't written.
func markNested(s *jsonschema.Schema, t reflect.Type, seen map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		markNested(s, t.Elem(), seen)
		return
	case reflect.Struct:
	default:
		return
	}
	if seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		property, ok := s.Definitions[t.Name()].Properties.Get(name)
		if ok {
			// Comments begin with the field's name, readers know the key.
			if rest, begins := strings.CutPrefix(property.Description, f.Name); begins {
				property.Description = name + rest
			}
		}
		required := slices.Contains(s.Definitions[t.Name()].Required, name)
		if ok && f.Type.Kind() == reflect.Struct && property.Default == nil && !required {
			property.Default = map[string]any{}
		}
		markNested(s, f.Type, seen)
	}
}
