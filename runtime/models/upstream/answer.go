package upstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandem/runtime/models"
)

// MaxAnswer bounds an answer in one piece, in bytes: 32 MiB, several times what
// any model writes, embeddings included.
const MaxAnswer = 32 << 20

// maxError bounds what is read of an error.
const maxError = 64 << 10

// ReadAll reads a whole answer. One that is too long is a *models.Error.
func ReadAll(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(raw) > MaxAnswer {
		return nil, Malformed(errors.New("it is longer than 32 MiB"))
	}
	return raw, nil
}

// Malformed says that a route's answer could not be understood.
func Malformed(cause error) *models.Error {
	return &models.Error{Status: http.StatusBadGateway, Type: models.TypeServer, Code: models.CodeMalformed,
		Message: "The model's answer could not be understood.", Cause: cause}
}

// Cut says that a stream ended before the answer did.
func Cut() error {
	return fmt.Errorf("the stream ended before the answer did: %w", io.ErrUnexpectedEOF)
}

// Check is a middleware of the SDKs: it turns every answer that is no success
// into a *models.Error, because the SDKs lose the status of those without JSON.
func Check(request *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	response, err := next(request)
	if err != nil || response.StatusCode >= 200 && response.StatusCode < 300 {
		return response, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, _ := io.ReadAll(io.LimitReader(response.Body, maxError)) // what there is of it serves
	return nil, ReadError(response.StatusCode, response.Header, raw, time.Now())
}

// ReadError makes an error of an answer. The body may be anything.
func ReadError(status int, header http.Header, raw []byte, now time.Time) *models.Error {
	result := ParseError(raw)
	if result == nil {
		result = &models.Error{}
	}
	if status < 400 { // a redirect that leads elsewhere
		result.Message, status = fmt.Sprintf("It answered with status %d.", status), http.StatusBadGateway
	}
	result.Status = status
	result.RetryAfter = RetryAfter(header, now)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		// OpenAI repeats part of a wrong key here.
		result.Message = "The key was refused."
	case result.Message == "":
		result.Message = fmt.Sprintf("The model's provider answered with status %d.", status)
	}
	if result.Type == "" {
		result.Type = typeOf(status)
	}
	return result
}

func typeOf(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return models.TypeRateLimit
	case status < 500:
		return models.TypeInvalidRequest
	default:
		return models.TypeServer
	}
}

// ParseError reads an error in OpenAI's or Anthropic's shape, {"error": {...}},
// or vLLM's older one without the envelope; nil where there is none. The status
// is the error's own numeric code, else 0.
func ParseError(raw []byte) *models.Error {
	type shape struct {
		Message string          `json:"message"`
		Type    string          `json:"type"`
		Param   string          `json:"param"`
		Code    json.RawMessage `json:"code"`
	}
	var envelope struct {
		Error json.RawMessage `json:"error"`
		shape
	}
	if json.Unmarshal(raw, &envelope) != nil {
		return nil
	}
	inner := envelope.shape
	if len(envelope.Error) > 0 && string(envelope.Error) != "null" {
		if json.Unmarshal(envelope.Error, &inner) != nil && json.Unmarshal(envelope.Error, &inner.Message) != nil {
			return nil
		}
	}
	if inner.Message == "" && inner.Type == "" {
		return nil
	}
	result := &models.Error{Message: inner.Message, Type: inner.Type, Param: inner.Param}
	if json.Unmarshal(inner.Code, &result.Status) != nil {
		_ = json.Unmarshal(inner.Code, &result.Code) // null and other things are no code
	}
	return result
}

// RetryAfter reads when to come back: OpenAI's and Azure's retry-after-ms, or
// seconds or a date in Retry-After (RFC 9110, 10.2.3). 0 where there is nothing.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(header.Get("retry-after-ms"), 64); err == nil && ms > 0 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
