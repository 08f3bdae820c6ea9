// Package yamlfile reads the descriptions that planning works from: strictly,
// and with the file and the line of whatever is wrong. What a description
// means is left to who reads it.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Decode reads one YAML document into a struct. Unknown keys, doubled keys and
// values of a wrong kind are errors like "name:3:5: unknown field", with the key
// that was probably meant. What the struct holds before stays where the document
// has nothing, so that defaults can be set and documents be laid over another.
func Decode(name string, raw []byte, into any) error {
	err := decode(raw, into)
	switch {
	case err == nil:
		if at, problem := fraction(raw, into); problem != "" {
			return fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, problem)
		}
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s:1:1: the file is empty", name)
	}
	var placed yaml.Error
	if errors.As(err, &placed) && placed.GetToken() != nil {
		at := placed.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, explain(raw, placed, into))
	}
	at := place(raw, err.Error())
	return fmt.Errorf("%s:%d:%d: %w", name, at.Line, at.Column, err)
}

// decode makes an error of a panic: the decoder's, where a tag such as !set stands
// before a value of another kind than its place has (goccy/go-yaml 1.19.2).
func decode(raw []byte, into any) (err error) {
	defer func() {
		if left := recover(); left != nil {
			err = errors.New("this is no YAML that can be read here; leave out tags, which begin with an exclamation mark")
		}
	}()
	return yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(into)
}

// place finds the value that an error quotes: errors of a type's own parsing
// come without a position.
func place(raw []byte, message string) *token.Position {
	file, err := parser.ParseBytes(raw, 0)
	found := finder{message: message, at: &token.Position{Line: 1, Column: 1}}
	if err == nil {
		for _, document := range file.Docs {
			ast.Walk(&found, document)
		}
	}
	return found.at
}

type finder struct {
	message string
	done    bool
	at      *token.Position
}

// Visit implements ast.Visitor.
func (f *finder) Visit(node ast.Node) ast.Visitor {
	if scalar, ok := node.(ast.ScalarNode); ok && !f.done && strings.Contains(f.message, fmt.Sprintf("%q", scalar.GetToken().Value)) {
		f.done, f.at = true, scalar.GetToken().Position
	}
	return f
}

// Line is the line of a path such as $.volume.perDay, for errors about what a
// value means; 1 where the file does not have it.
func Line(raw []byte, path string) int {
	line, _, _ := Place(raw, path)
	return line
}

// Place is the line and the column of a path such as $.volume.perDay, and
// whether the file has it; 1 and 1 where it does not.
func Place(raw []byte, path string) (line, column int, found bool) {
	wanted, err := yaml.PathString(path)
	if err != nil {
		return 1, 1, false
	}
	node, err := wanted.ReadNode(bytes.NewReader(raw))
	if err != nil || node == nil || node.GetToken() == nil {
		return 1, 1, false
	}
	at := node.GetToken().Position
	return at.Line, at.Column, true
}
