package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// explain is an error of the decoder in the words of who wrote the file.
func explain(raw []byte, err yaml.Error, into any) string {
	var unknown *yaml.UnknownFieldError
	var kind *yaml.TypeError
	var node *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unknown):
		return err.GetMessage() + hint(raw, unknown.Token, reflect.TypeOf(into))
	case errors.As(err, &kind) && kind.DstType != nil && kind.SrcType != nil:
		return fmt.Sprintf("%q is %s; it must be %s", kind.Token.Value, kindOf(kind.SrcType), kindOf(kind.DstType))
	case errors.As(err, &node) && node.Expected == ast.MappingType:
		return "there must be a map of keys here, such as 'key: value'"
	case errors.As(err, &node) && node.Expected == ast.SequenceType:
		return "there must be a list here, such as [a, b]"
	}
	return err.GetMessage()
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	default:
		return "a map of keys"
	}
}

// hint names the key that was meant, or those that there are.
func hint(raw []byte, unknown *token.Token, into reflect.Type) string {
	file, err := parser.ParseBytes(raw, 0)
	if err != nil || len(file.Docs) == 0 {
		return ""
	}
	keys := keysBeside(file.Docs[0].Body, into, unknown.Position)
	if near := Nearest(unknown.Value, keys); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	if len(keys) == 0 {
		return ""
	}
	return "; the keys here are " + strings.Join(keys, ", ")
}

// Nearest of the choices to what was written; empty where none is near.
func Nearest(written string, choices []string) string {
	best, least := "", max(2, len(written)/3)+1
	for _, choice := range choices {
		if distance := levenshtein.ComputeDistance(strings.ToLower(written), strings.ToLower(choice)); distance < least {
			best, least = choice, distance
		}
	}
	return best
}

// keysBeside are the keys that a struct has where the file has a key at a position.
func keysBeside(node ast.Node, t reflect.Type, at *token.Position) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch node := node.(type) {
	case *ast.MappingNode:
		for _, value := range node.Values {
			if keys := keysBeside(value, t, at); keys != nil {
				return keys
			}
		}
	case *ast.MappingValueNode:
		key := node.Key.GetToken()
		if key.Position.Line == at.Line && key.Position.Column == at.Column {
			return keysOf(t)
		}
		if below := fieldOf(t, key.Value); below != nil {
			return keysBeside(node.Value, below, at)
		}
	case *ast.SequenceNode:
		if t.Kind() == reflect.Slice {
			for _, value := range node.Values {
				if keys := keysBeside(value, t.Elem(), at); keys != nil {
					return keys
				}
			}
		}
	}
	return nil
}

func keysOf(t reflect.Type) []string {
	keys := []string{}
	if t.Kind() != reflect.Struct {
		return keys
	}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			keys = append(keys, keysOf(t.Field(i).Type)...)
		case name != "" && name != "-":
			keys = append(keys, name)
		}
	}
	return keys
}

// fieldOf is the type of what stands under a key; nil where there is no such key.
func fieldOf(t reflect.Type, key string) reflect.Type {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		for i := range t.NumField() {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
			if options == "inline" {
				if found := fieldOf(t.Field(i).Type, key); found != nil {
					return found
				}
			}
			if name == key {
				return t.Field(i).Type
			}
		}
	}
	return nil
}
