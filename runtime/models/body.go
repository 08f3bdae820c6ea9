package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// Body is a request in OpenAI's shape: a JSON object, read once and then handed
// to routes with single members exchanged and all others as they came, byte for
// byte.
type Body struct {
	raw     json.RawMessage
	members []member
}

type member struct {
	name string
	// start and end of the value in raw.
	start, end int
}

// ParseBody reads a request. Anything but one JSON object is a *Error; so is a
// member that appears twice, of which two readers would believe different ones.
func ParseBody(raw json.RawMessage) (*Body, error) {
	members, err := scan(raw)
	switch {
	case errors.Is(err, errNotAnObject):
		return nil, Invalid("", "The request's body must be a JSON object.")
	case errors.Is(err, io.EOF):
		return nil, Invalid("", "The request has no body.")
	case err != nil:
		return nil, Invalid("", "The request's body is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	return &Body{raw: raw, members: members}, nil
}

var errNotAnObject = errors.New("not an object")

func scan(raw []byte) ([]member, error) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if kind := decoder.PeekKind(); kind != '{' && kind > 0 {
		return nil, errNotAnObject
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	members := make([]member, 0, 8)
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		text := name.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		end := int(decoder.InputOffset())
		members = append(members, member{name: text, start: end - len(value), end: end})
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return members, nil
}

// Raw is the request as it came.
func (b *Body) Raw() json.RawMessage { return b.raw }

// Names of the members, in order.
func (b *Body) Names() []string {
	names := make([]string, len(b.members))
	for i, m := range b.members {
		names[i] = m.name
	}
	return names
}

// Get returns a member's value, or nil where it is absent.
func (b *Body) Get(name string) json.RawMessage {
	for _, m := range b.members {
		if m.name == name {
			return b.raw[m.start:m.end]
		}
	}
	return nil
}

// Edit sets one member.
type Edit struct {
	Name  string
	Value json.RawMessage
}

// With returns the request with members set. Members that it lacks come first.
func (b *Body) With(edits ...Edit) json.RawMessage { return splice(b.raw, b.members, edits) }

func splice(raw []byte, members []member, edits []Edit) json.RawMessage {
	size := len(raw)
	for _, edit := range edits {
		size += len(edit.Name) + len(edit.Value) + 4
	}
	out := append(make([]byte, 0, size), '{')
	for _, edit := range edits {
		if find(members, edit.Name) < 0 {
			out = append(appendName(out, edit.Name), edit.Value...)
			out = append(out, ',')
		}
	}
	if len(members) == 0 {
		return append(bytes.TrimSuffix(out, []byte{','}), '}')
	}
	done := bytes.IndexByte(raw, '{') + 1
	for _, m := range members {
		for _, edit := range edits {
			if edit.Name == m.name {
				out = append(append(out, raw[done:m.start]...), edit.Value...)
				done = m.end
			}
		}
	}
	return append(out, raw[done:]...)
}

func find(members []member, name string) int {
	for i, m := range members {
		if m.name == name {
			return i
		}
	}
	return -1
}

func appendName(out []byte, name string) []byte {
	out, _ = jsontext.AppendQuote(out, name) // fails on invalid UTF-8 only, and still appends
	return append(out, ':')
}

// ParsedAnswer is a route's answer or chunk: a JSON object.
type ParsedAnswer struct{ Body }

// ReadAnswer reads what a route says. It takes what JSON readers in general
// take; what is no object is an error.
func ReadAnswer(raw json.RawMessage) (*ParsedAnswer, error) {
	raw = bytes.TrimSpace(raw) // offsets count from the first brace
	if !gjson.ValidBytes(raw) {
		return nil, errors.New("it is not valid JSON")
	}
	object := gjson.ParseBytes(raw)
	if !object.IsObject() {
		return nil, errNotAnObject
	}
	answer := &ParsedAnswer{Body{raw: raw, members: make([]member, 0, 8)}}
	object.ForEach(func(name, value gjson.Result) bool {
		start := value.Index
		answer.members = append(answer.members, member{name: name.String(), start: start, end: start + len(value.Raw)})
		return true
	})
	return answer, nil
}

// Named returns the answer with the name of the model exchanged, so that the
// client finds the one that it asked for.
func (a *ParsedAnswer) Named(name string) json.RawMessage {
	if find(a.members, "model") < 0 {
		return a.raw
	}
	return a.With(Edit{Name: "model", Value: Quote(name)})
}

// Quote renders a string as JSON.
func Quote(text string) json.RawMessage {
	out, _ := jsontext.AppendQuote(nil, text) // replaces invalid UTF-8
	return out
}
