package upstream_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/upstream"
)

func TestErrorsAreReadWhateverTheyHold(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   models.Error
	}{
		"OpenAI's":             {400, `{"error":{"message":"bad","type":"invalid_request_error","param":"n","code":"odd"}}`, models.Error{Status: 400, Message: "bad", Type: "invalid_request_error", Param: "n", Code: "odd"}},
		"without a code":       {400, `{"error":{"message":"bad","type":"t","param":null,"code":null}}`, models.Error{Status: 400, Message: "bad", Type: "t"}},
		"vLLM's older one":     {404, `{"object":"error","message":"no such model","type":"NotFoundError","param":null,"code":404}`, models.Error{Status: 404, Message: "no such model", Type: "NotFoundError"}},
		"a text for an error":  {500, `{"error":"boom"}`, models.Error{Status: 500, Message: "boom", Type: models.TypeServer}},
		"a page":               {502, `<html>`, models.Error{Status: 502, Message: "The model's provider answered with status 502.", Type: models.TypeServer}},
		"nothing":              {429, ``, models.Error{Status: 429, Message: "The model's provider answered with status 429.", Type: models.TypeRateLimit}},
		"a list":               {422, `[1]`, models.Error{Status: 422, Message: "The model's provider answered with status 422.", Type: models.TypeInvalidRequest}},
		"a key in its message": {401, `{"error":{"message":"Incorrect API key: sk-1","type":"t"}}`, models.Error{Status: 401, Message: "The key was refused.", Type: "t"}},
		"a redirect":           {302, ``, models.Error{Status: 502, Message: "It answered with status 302.", Type: models.TypeServer}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, *upstream.ReadError(test.status, http.Header{}, []byte(test.body), time.Now()))
		})
	}
}

func TestWhenToComeBackIsReadInAllItsForms(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0.5": 500 * time.Millisecond, " 3 ": 3 * time.Second, "Tue, 24 Nov 2026 12:00:30 GMT": 30 * time.Second,
		"Tue, 24 Nov 2026 11:00:00 GMT": 0, "": 0, "-5": 0, "soon": 0, "NaN": 0, "1e300": 0,
	} {
		require.Equal(t, want, upstream.RetryAfter(http.Header{"Retry-After": {value}}, now), value)
	}
	require.Equal(t, 250*time.Millisecond, upstream.RetryAfter(http.Header{"Retry-After-Ms": {"250"}, "Retry-After": {"1"}}, now))
}

func TestAnAnswerWithoutEndIsNotRead(t *testing.T) {
	_, err := upstream.ReadAll(bytes.NewReader(make([]byte, upstream.MaxAnswer+1)))
	require.ErrorContains(t, err, "32 MiB")
	raw, err := upstream.ReadAll(bytes.NewReader(make([]byte, 100)))
	require.NoError(t, err)
	require.Len(t, raw, 100)
}
