package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Encode returns the environment variables that [Load] reads back into the
// same struct. Zero values are left out, so that a variable's default holds.
// It panics on a field of a kind that Load does not know or that has no env
// tag: that is a mistake in this package, not in a configuration.
func Encode(settings any) map[string]string {
	variables := map[string]string{}
	encodeInto(variables, reflect.ValueOf(settings))
	return variables
}

func encodeInto(variables map[string]string, value reflect.Value) {
	for i := range value.NumField() {
		field, content := value.Type().Field(i), value.Field(i)
		if field.Anonymous {
			encodeInto(variables, content)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		if name == "" {
			panic(fmt.Sprintf("settings: %s.%s has no env tag", value.Type(), field.Name))
		}
		if content.IsZero() {
			continue
		}
		variables[name] = text(field, content)
	}
}

func text(field reflect.StructField, content reflect.Value) string {
	switch typed := content.Interface().(type) {
	case encoding.TextMarshaler:
		raw, err := typed.MarshalText()
		if err != nil {
			panic(fmt.Sprintf("settings: encoding %s: %v", field.Name, err))
		}
		return string(raw)
	case time.Duration:
		return typed.String()
	}
	switch content.Kind() {
	case reflect.String:
		return content.String()
	case reflect.Bool:
		return strconv.FormatBool(content.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(content.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(content.Float(), 'g', -1, 64)
	default:
		panic(fmt.Sprintf("settings: %s has kind %s, which Load does not read", field.Name, content.Kind()))
	}
}
