package yamlfile

import (
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// fraction finds a number with a fraction where a whole one belongs: the decoder
// would cut it off without a word.
func fraction(raw []byte, into any) (at *token.Position, problem string) {
	file, err := parser.ParseBytes(raw, 0)
	if err != nil || len(file.Docs) == 0 {
		return nil, ""
	}
	if found := fractionBelow(file.Docs[0].Body, reflect.TypeOf(into)); found != nil {
		return found.Position, fmt.Sprintf("%q is a number with a fraction; it must be a whole number", found.Value)
	}
	return nil, ""
}

func fractionBelow(node ast.Node, t reflect.Type) *token.Token {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch node := node.(type) {
	case *ast.FloatNode:
		if kindOf(t) == "a whole number" {
			return node.GetToken()
		}
	case *ast.MappingNode:
		for _, value := range node.Values {
			if found := fractionBelow(value, t); found != nil {
				return found
			}
		}
	case *ast.MappingValueNode:
		if below := fieldOf(t, node.Key.GetToken().Value); below != nil {
			return fractionBelow(node.Value, below)
		}
	case *ast.SequenceNode:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for _, value := range node.Values {
			if found := fractionBelow(value, t.Elem()); found != nil {
				return found
			}
		}
	}
	return nil
}
