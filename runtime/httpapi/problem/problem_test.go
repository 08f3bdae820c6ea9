package problem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/problem"
)

func TestAProblemNamesTheFieldTheKindAndTheRequest(t *testing.T) {
	invalid := problem.Invalid(http.StatusUnprocessableEntity, problem.Body("/deadline", "is in the past"))
	invalid.Kind = "deadline-passed"
	invalid.RetryAfter = 1100 * time.Millisecond
	recorder := httptest.NewRecorder()
	problem.Write(recorder, "r-1", invalid)

	require.Equal(t, 422, recorder.Code)
	require.Equal(t, problem.MediaType, recorder.Header().Get("Content-Type"))
	require.Equal(t, "2", recorder.Header().Get("Retry-After"))
	require.JSONEq(t, `{
		"type": "urn:tandem:problem:deadline-passed", "title": "Unprocessable Entity", "status": 422,
		"detail": "/deadline: is in the past", "instance": "r-1",
		"errors": [{"pointer": "/deadline", "detail": "is in the past"}]}`, recorder.Body.String())
}

func TestTheCauseOfAnUnforeseenErrorIsNotShown(t *testing.T) {
	tests := map[string]struct {
		err        error
		status     int
		retryAfter string
	}{
		"an outage":           {errors.New("table tandem-x is gone"), 500, ""},
		"an exhausted budget": {fmt.Errorf("reading table tandem-x: %w", context.DeadlineExceeded), 503, "1"},
		"a wrapped problem":   {fmt.Errorf("table tandem-x: %w", problem.New(409, "It has ended.")), 409, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			problem.Write(recorder, "r-1", problem.As(test.err))
			require.Equal(t, test.status, recorder.Code)
			require.Equal(t, test.retryAfter, recorder.Header().Get("Retry-After"))
			require.NotContains(t, recorder.Body.String(), "tandem-x")
			require.NotContains(t, recorder.Body.String(), `"errors"`)
		})
	}
}
