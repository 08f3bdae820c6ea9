package modelsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/models"
)

// asked is what the API itself must know of a request.
type asked struct {
	*models.Body
	model  string
	stream bool
}

// read returns the body of a request to a model.
func (a *modelsAPI) read(w http.ResponseWriter, r *http.Request) (asked, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return asked{}, problem.New(http.StatusUnsupportedMediaType, "The body must be JSON, and Content-Type say so: application/json.")
	}
	raw, err := a.readAll(w, r)
	if err != nil {
		return asked{}, err
	}
	body, err := models.ParseBody(raw)
	if err != nil {
		return asked{}, asProblem(err)
	}
	request := asked{Body: body}
	if json.Unmarshal(body.Get("model"), &request.model) != nil || request.model == "" {
		return asked{}, asProblem(models.Invalid("model", "model must be the name of a model; GET /v1/models lists them."))
	}
	if stream := body.Get("stream"); stream != nil && json.Unmarshal(stream, &request.stream) != nil {
		return asked{}, asProblem(models.Invalid("stream", "stream must be true or false."))
	}
	return request, nil
}

func (a *modelsAPI) readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	// Not every writer has deadlines: behind API Gateway the body is there already.
	controller := http.NewResponseController(w)
	_ = controller.SetReadDeadline(time.Now().Add(a.options.BodyWithin))
	raw, err := request.ReadBody(r)
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &problem.Error{Status: http.StatusRequestTimeout, Cause: err,
			Detail: fmt.Sprintf("The body did not come within %v.", a.options.BodyWithin)}
	case errors.As(err, &large):
		return nil, problem.New(http.StatusRequestEntityTooLarge, tooLarge)
	case err != nil:
		return nil, &problem.Error{Status: http.StatusBadRequest, Detail: "The body broke off.", Cause: err}
	default:
		_ = controller.SetReadDeadline(time.Time{})
		return raw, nil
	}
}

// checkMessages refuses what no model could answer. All else is for the route to
// judge: it knows more kinds of messages than we do.
func checkMessages(body *models.Body) error {
	var messages []struct {
		Role *string `json:"role"`
	}
	if json.Unmarshal(body.Get("messages"), &messages) != nil || len(messages) == 0 {
		return models.Invalid("messages", "messages must be a list of at least one message.")
	}
	for i, message := range messages {
		if message.Role == nil || *message.Role == "" {
			return models.Invalid("messages", "messages[%d] has no role.", i)
		}
	}
	return nil
}

// maxIdempotencyKey leaves room before the key of a job, which has 255 at most.
const maxIdempotencyKey = 250

// checkIdempotencyKey refuses a key that no job could have, whether or not one
// is made: what is wrong should not depend on how busy a model is.
func checkIdempotencyKey(keys []string) error {
	wrong := len(keys) > 1
	for _, key := range keys {
		wrong = wrong || key == "" || len(key) > maxIdempotencyKey || strings.TrimSpace(key) != key ||
			strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
	}
	if wrong {
		return models.Invalid("Idempotency-Key", "The header Idempotency-Key must be one value of 1 to %d printable ASCII characters.", maxIdempotencyKey)
	}
	return nil
}

// checkInput refuses what no model could embed.
func checkInput(body *models.Body) error {
	var text string
	var list []json.RawMessage
	input := body.Get("input")
	if json.Unmarshal(input, &text) == nil && text != "" || json.Unmarshal(input, &list) == nil && len(list) > 0 {
		return nil
	}
	return models.Invalid("input", "input must be a text or a list of texts, and not empty.")
}
