package cloudassembly

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Value is a part of a template, with the stack whose references it makes. It
// can be asked anything: what is absent or of another kind answers with the
// zero value, so that a strange template is never a panic.
type Value struct {
	Stack *IndexedStack
	// Raw is as encoding/json decodes it.
	Raw any
}

// At walks into nested maps.
func (v Value) At(keys ...string) Value {
	for _, key := range keys {
		v = v.Resolve()
		entries, _ := v.Raw.(map[string]any)
		v = Value{v.Stack, entries[key]}
	}
	return v
}

// Exists is whether there is anything, be it false or empty.
func (v Value) Exists() bool { return v.Resolve().Raw != nil }

// List returns the elements; of a value that is not a list, none.
func (v Value) List() []Value {
	v = v.Resolve()
	elements, _ := v.Raw.([]any)
	found := make([]Value, 0, len(elements))
	for _, element := range elements {
		if each := (Value{v.Stack, element}); each.Exists() {
			found = append(found, each)
		}
	}
	return found
}

// ListOrOne is List, but takes a single value for a list of one, as IAM does.
func (v Value) ListOrOne() []Value {
	v = v.Resolve()
	switch v.Raw.(type) {
	case nil:
		return nil
	case []any:
		return v.List()
	}
	return []Value{v}
}

// Keys of a map, sorted.
func (v Value) Keys() []string {
	entries, _ := v.Resolve().Raw.(map[string]any)
	return sortedKeys(entries)
}

// Literal is a string, number or truth value as text. What is only known after
// the deployment has none.
func (v Value) Literal() (string, bool) {
	switch typed := v.Resolve().Raw.(type) {
	case string:
		return typed, true
	case bool:
		return strconv.FormatBool(typed), true
	}
	if number, isNumber := v.Number(); isNumber {
		return strconv.FormatFloat(number, 'f', -1, 64), true
	}
	return "", false
}

// Is compares with a literal.
func (v Value) Is(text string) bool {
	literal, known := v.Literal()
	return known && literal == text
}

// IsTrue takes true as well as "true", as CloudFormation does.
func (v Value) IsTrue() bool {
	literal, _ := v.Literal()
	return strings.EqualFold(literal, "true")
}

// Number reads numbers and strings that hold one.
func (v Value) Number() (float64, bool) {
	switch typed := v.Resolve().Raw.(type) {
	case float64:
		return typed, true
	case int:
		return float64(typed), true
	case int64:
		return float64(typed), true
	case uint64:
		return float64(typed), true
	case json.Number:
		number, err := typed.Float64()
		return number, err == nil
	case string:
		number, err := strconv.ParseFloat(typed, 64)
		return number, err == nil
	}
	return 0, false
}

// NumberOr is Number, or what AWS takes where none is given. It is false for
// what is given but only known after the deployment.
func (v Value) NumberOr(fallback float64) (float64, bool) {
	if !v.Exists() {
		return fallback, true
	}
	return v.Number()
}

// Ref is the first resource of one of the types that the value refers to, in
// whatever stack; nil where there is none.
func (v Value) Ref(kinds ...string) *Resource {
	for _, r := range v.Refs() {
		if slices.Contains(kinds, r.Type) {
			return r
		}
	}
	return nil
}
