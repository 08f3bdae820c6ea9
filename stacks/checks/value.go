package checks

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// value is a part of a template, with the stack whose references it makes. It
// can be asked anything: what is absent or of another kind answers with the
// zero value, so that a strange template is never a panic.
type value struct {
	stack *stack
	raw   any
}

// at walks into nested maps.
func (v value) at(keys ...string) value {
	for _, key := range keys {
		v = v.resolve()
		entries, _ := v.raw.(map[string]any)
		v = value{v.stack, entries[key]}
	}
	return v
}

// exists is whether there is anything, be it false or empty.
func (v value) exists() bool { return v.resolve().raw != nil }

// list returns the elements; of a value that is not a list, none.
func (v value) list() []value {
	v = v.resolve()
	elements, _ := v.raw.([]any)
	found := make([]value, 0, len(elements))
	for _, element := range elements {
		if each := (value{v.stack, element}); each.exists() {
			found = append(found, each)
		}
	}
	return found
}

// listOrOne is list, but takes a single value for a list of one, as IAM does.
func (v value) listOrOne() []value {
	v = v.resolve()
	switch v.raw.(type) {
	case nil:
		return nil
	case []any:
		return v.list()
	}
	return []value{v}
}

// keys of a map, sorted.
func (v value) keys() []string {
	entries, _ := v.resolve().raw.(map[string]any)
	return sortedKeys(entries)
}

// literal is a string, number or truth value as text. What is only known after
// the deployment has none.
func (v value) literal() (string, bool) {
	switch typed := v.resolve().raw.(type) {
	case string:
		return typed, true
	case bool:
		return strconv.FormatBool(typed), true
	}
	if number, isNumber := v.number(); isNumber {
		return strconv.FormatFloat(number, 'f', -1, 64), true
	}
	return "", false
}

// is compares with a literal.
func (v value) is(text string) bool {
	literal, known := v.literal()
	return known && literal == text
}

// isTrue takes true as well as "true", as CloudFormation does.
func (v value) isTrue() bool {
	literal, _ := v.literal()
	return strings.EqualFold(literal, "true")
}

// number reads numbers and strings that hold one.
func (v value) number() (float64, bool) {
	switch typed := v.resolve().raw.(type) {
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

// numberOr is number, or what AWS takes where none is given. It is false for
// what is given but only known after the deployment.
func (v value) numberOr(fallback float64) (float64, bool) {
	if !v.exists() {
		return fallback, true
	}
	return v.number()
}

// ref is the first resource of one of the types that the value refers to, in
// whatever stack; nil where there is none.
func (v value) ref(kinds ...string) *resource {
	for _, r := range v.refs() {
		if slices.Contains(kinds, r.kind) {
			return r
		}
	}
	return nil
}
