package config

import "github.com/invopop/jsonschema"

// What keys of maps may look like. Tags on fields can't say this, so the types
// add it to their schema here.
const (
	// nameKeys become parts of construct ids, queue names and metrics.
	nameKeys = `^[a-z][a-z0-9-]{0,30}$`
	// modelKeys are what clients write into a request's model field.
	modelKeys = `^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$`
	// variableKeys are names of environment variables.
	variableKeys = `^[A-Za-z_][A-Za-z0-9_]*$`
	// tagKeys are AWS's, without the reserved prefix (checked by a rule).
	tagKeys = `^[A-Za-z0-9 _.:/=+@-]{1,128}$`
	xidKeys = `^[0-9]{1,4}$`
)

func keysLike(s *jsonschema.Schema, property, pattern string) {
	if p, ok := s.Properties.Get(property); ok {
		p.PropertyNames = &jsonschema.Schema{Pattern: pattern}
	}
}

func withDefault(s *jsonschema.Schema, property string, value any) {
	if p, ok := s.Properties.Get(property); ok {
		p.Default = value
	}
}

// JSONSchemaExtend says what the names of providers, workers and so on may be.
func (Config) JSONSchemaExtend(s *jsonschema.Schema) {
	for _, property := range []string{"providers", "workers", "services", "documents"} {
		keysLike(s, property, nameKeys)
	}
	keysLike(s, "models", modelKeys)
	keysLike(s, "tags", tagKeys)
}

// JSONSchemaExtend says what names variables may have.
func (Worker) JSONSchemaExtend(s *jsonschema.Schema) {
	keysLike(s, "environment", variableKeys)
	keysLike(s, "secrets", variableKeys)
}

// JSONSchemaExtend says what names variables may have.
func (Service) JSONSchemaExtend(s *jsonschema.Schema) {
	keysLike(s, "environment", variableKeys)
	keysLike(s, "secrets", variableKeys)
}

// JSONSchemaExtend says what names build arguments may have.
func (Image) JSONSchemaExtend(s *jsonschema.Schema) {
	keysLike(s, "args", variableKeys)
}

// JSONSchemaExtend says what names groups may have.
func (Capacity) JSONSchemaExtend(s *jsonschema.Schema) {
	keysLike(s, "groups", nameKeys)
}

// JSONSchemaExtend holds the two bounds that one type can't.
func (Group) JSONSchemaExtend(s *jsonschema.Schema) {
	withDefault(s, "spot", map[string]any{"maximum": 10})
	withDefault(s, "onDemand", map[string]any{"maximum": 2})
}

// JSONSchemaExtend holds the two limits that one type can't.
func (API) JSONSchemaExtend(s *jsonschema.Schema) {
	withDefault(s, "throttle", map[string]any{"rate": 100, "burst": 200})
	withDefault(s, "tenantRate", map[string]any{"rate": 10, "burst": 20})
}

// JSONSchemaExtend holds the list of numbers that a tag can only hold as text.
func (Budget) JSONSchemaExtend(s *jsonschema.Schema) {
	withDefault(s, "alertsAt", []any{50, 80, 100})
}

// JSONSchemaExtend says what a policy override may be.
func (Agent) JSONSchemaExtend(s *jsonschema.Schema) {
	keysLike(s, "xids", xidKeys)
	if p, ok := s.Properties.Get("xids"); ok {
		p.AdditionalProperties = &jsonschema.Schema{Type: "string", Enum: []any{"ignore", "observe", "replace"}}
	}
}
