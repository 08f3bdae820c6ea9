package config

import (
	"encoding"
	"reflect"
	"strings"
)

// complete adds to the tree what was computed from other values, so that it
// holds all that the typed configuration does.
func complete(n *node, v reflect.Value) {
	v = reflect.Indirect(v)
	switch {
	case n.kind == object && v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			completeField(n, name, v.Field(i))
		}
	case n.kind == object && v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			if f, ok := n.fields[key.String()]; ok {
				complete(f.value, v.MapIndex(key))
			}
		}
	case n.kind == list && v.Kind() == reflect.Slice:
		for i, item := range n.items {
			if i < v.Len() {
				complete(item, v.Index(i))
			}
		}
	}
}

func completeField(n *node, name string, v reflect.Value) {
	if f, ok := n.fields[name]; ok {
		complete(f.value, v)
		return
	}
	if v.IsZero() || (v.Kind() == reflect.Map && v.Len() == 0) {
		return
	}
	computed := Position{File: Computed}
	n.set(name, fromPlain(plainValue(v), computed), computed)
}

// plainValue is a computed field as YAML has it.
func plainValue(v reflect.Value) any {
	v = reflect.Indirect(v)
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		written, err := text.MarshalText()
		if err == nil {
			return string(written)
		}
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return v.Int()
	case reflect.Struct:
		values := map[string]any{}
		for i := range v.NumField() {
			if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ","); !v.Field(i).IsZero() {
				values[name] = plainValue(v.Field(i))
			}
		}
		return values
	default:
		return v.Interface()
	}
}
