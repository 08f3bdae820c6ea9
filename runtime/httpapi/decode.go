package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/request"
)

// decode reads a JSON body into a T, strictly: member names as they are
// written, each once, none unknown, no nulls, one value. What is wrong is told by
// its JSON pointer and never repeated, as it may be the caller's secret.
func decode[T any](r *http.Request) (T, error) {
	var value T
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return value, err
	}
	body, err := readBody(r)
	if err != nil {
		return value, err
	}
	unmarshalers := numbers
	if bytes.Contains(body, []byte("null")) { // few bodies pay for looking at every value
		unmarshalers = numbersAndNulls
	}
	err = jsonv2.Unmarshal(body, &value, jsonv2.RejectUnknownMembers(true), jsonv2.WithUnmarshalers(unmarshalers))
	if err != nil {
		return value, malformed(err)
	}
	return value, nil
}

func checkContentType(value string) error {
	if value == "application/json" {
		return nil
	}
	media, _, err := mime.ParseMediaType(value)
	if err != nil || media != "application/json" {
		return problem.Invalid(http.StatusUnsupportedMediaType, problem.Header("Content-Type", "must be application/json"))
	}
	return nil
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := request.ReadBody(r)
	var tooMuch *http.MaxBytesError
	if errors.As(err, &tooMuch) {
		return nil, tooLarge(tooMuch.Limit)
	}
	if err != nil {
		return nil, &problem.Error{Status: http.StatusBadRequest, Detail: "The body ended early.", Cause: err}
	}
	return body, nil
}

var errNull = errors.New("null")

// Values are read as JSON Schema sees them, where that differs from Go.
var (
	numbers         = jsonv2.UnmarshalFromFunc(wholeNumber)
	numbersAndNulls = jsonv2.JoinUnmarshalers(jsonv2.UnmarshalFromFunc(refuseNull), numbers)
)

// refuseNull makes null an error where JSON's own rule is to take it for
// nothing: the document allows it in the input only.
func refuseNull(decoder *jsontext.Decoder, value any) error {
	if _, raw := value.(*json.RawMessage); !raw && decoder.PeekKind() == 'n' {
		return errNull
	}
	return errors.ErrUnsupported
}

var errFraction = errors.New("not a whole number")

// wholeNumber reads 5.0 and 5e0 as 5.
func wholeNumber(decoder *jsontext.Decoder, value *int64) error {
	if decoder.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	raw, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(string(raw), 10, 64)
	if err == nil {
		*value = number
		return nil
	}
	float, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || float != math.Trunc(float) || math.Abs(float) > 1<<53 {
		return errFraction
	}
	*value = int64(float)
	return nil
}

func malformed(err error) error {
	var syntax *jsontext.SyntacticError
	var semantic *jsonv2.SemanticError
	switch {
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return badBody(syntax.JSONPointer, "is given twice")
	case errors.As(err, &syntax):
		return problem.New(http.StatusBadRequest, fmt.Sprintf("The body is not JSON: it goes wrong at byte %d.", syntax.ByteOffset))
	case errors.As(err, &semantic) && errors.Is(err, jsonv2.ErrUnknownName):
		return badBody(semantic.JSONPointer, "is not a field of this request")
	case errors.As(err, &semantic) && errors.Is(err, errNull):
		return badBody(semantic.JSONPointer, "must not be null; leave it out")
	case errors.As(err, &semantic):
		return badBody(semantic.JSONPointer, "must be "+kindName(semantic.GoType))
	default:
		return &problem.Error{Status: http.StatusBadRequest, Detail: "The body is not JSON.", Cause: err}
	}
}

func badBody(pointer jsontext.Pointer, detail string) error {
	if pointer == "" {
		return problem.New(http.StatusBadRequest, "The body "+detail+".")
	}
	return problem.Invalid(http.StatusBadRequest, problem.Body(string(pointer), detail))
}

func kindName(goType reflect.Type) string {
	if goType == nil {
		return "of another type"
	}
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	switch {
	case goType == reflect.TypeFor[time.Time]():
		return "a time by RFC 3339, such as 2030-01-31T12:00:00Z"
	case goType.Kind() == reflect.String:
		return "a string"
	case goType.Kind() == reflect.Int64:
		return "a whole number"
	case goType.Kind() == reflect.Bool:
		return "true or false"
	case goType.Kind() == reflect.Slice:
		return "a list"
	case goType.Kind() == reflect.Map, goType.Kind() == reflect.Struct:
		return "an object"
	default:
		return "of another type"
	}
}
