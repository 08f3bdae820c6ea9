package openaianalyser_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/openaianalyser"
	"tandem/runtime/settings"
)

// provider is an OpenAI-compatible API with one answer.
type provider struct {
	*httptest.Server
	status int
	answer string
	path   string
	key    string
	body   map[string]any
}

func newProvider(t *testing.T, status int, answer string) *provider {
	p := &provider{status: status, answer: answer}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.path, p.key = r.URL.Path, r.Header.Get("Authorization")
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &p.body)
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, p.answer)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) analyser(t *testing.T) *openaianalyser.Analyser {
	t.Helper()
	analyser, err := openaianalyser.New(openaianalyser.Options{
		Route:  settings.Route{Name: "openai", Type: "openai", Model: "m", BaseURL: p.URL + "/v1/", Secret: "key"},
		Secret: func(context.Context, string) (string, error) { return "sk-1\n", nil },
	})
	require.NoError(t, err)
	return analyser
}

func TestFreeTextComesAsAString(t *testing.T) {
	p := newProvider(t, 200, `{"model":"m-2026","choices":[{"message":{"content":"It \"says\" so."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`)
	got, err := p.analyser(t).Analyse(t.Context(), "Summarise: text", nil)
	require.NoError(t, err)
	require.Equal(t, documents.Analysis{Value: json.RawMessage(`"It \"says\" so."`), Model: "m-2026", InputTokens: 7, OutputTokens: 3}, got)
	require.Equal(t, "/v1/chat/completions", p.path)
	require.Equal(t, "Bearer sk-1", p.key)
	require.Equal(t, map[string]any{"model": "m", "messages": []any{map[string]any{"role": "user", "content": "Summarise: text"}}}, p.body)
}

func TestASchemaIsAskedForAndJSONComesBack(t *testing.T) {
	p := newProvider(t, 200, `{"choices":[{"message":{"content":"{\"a\":1}"}}]}`)
	got, err := p.analyser(t).Analyse(t.Context(), "x", json.RawMessage(`{"type":"object"}`))
	require.NoError(t, err)
	require.JSONEq(t, `{"a":1}`, string(got.Value))
	require.Equal(t, "m", got.Model)
	require.Equal(t, map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "analysis", "schema": map[string]any{"type": "object"}}}, p.body["response_format"])

	p.answer = `{"choices":[{"message":{"content":"no"}}]}`
	_, err = p.analyser(t).Analyse(t.Context(), "x", json.RawMessage(`{"type":"object"}`))
	require.ErrorContains(t, err, "not JSON")
}

func TestAnswersAreJudged(t *testing.T) {
	tests := map[string]struct {
		status int
		answer string
		final  bool
		says   string
	}{
		"too many requests":    {429, `s3cret`, false, "it answered 429"},
		"an outage":            {503, `s3cret`, false, "it answered 503"},
		"a wrong key":          {401, `s3cret`, false, "it answered 401"},
		"a bad request":        {400, `s3cret`, true, "answered 400"},
		"too large":            {413, `s3cret`, true, "too large"},
		"a refusal":            {200, `{"choices":[{"message":{"refusal":"s3cret"}}]}`, true, "refused"},
		"a filter":             {200, `{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}`, true, "refused"},
		"an answer cut short":  {200, `{"choices":[{"message":{"content":"s3cret"},"finish_reason":"length"}]}`, true, "longer than"},
		"no choices":           {200, `{"choices":[]}`, false, "no choices"},
		"something else":       {200, `s3cret`, false, "not a chat completion"},
		"a redirect elsewhere": {302, ``, true, "answered 302"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, test.status, test.answer)
			_, err := p.analyser(t).Analyse(t.Context(), "s3cret", nil)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "s3cret", "an error must not repeat the document")
			var rejected *documents.Rejected
			require.Equal(t, test.final, errors.As(err, &rejected))
		})
	}
}

func TestRoutesThatDoNotSpeakTheProtocolAreRefused(t *testing.T) {
	for _, route := range []settings.Route{
		{Type: "openai"}, {Type: "anthropic"}, {Type: "openai", BaseURL: "http://vllm"}, {Type: "service", BaseURL: "http://internal"},
	} {
		_, err := openaianalyser.New(openaianalyser.Options{Route: route})
		require.NoError(t, err, "%+v", route)
	}
	_, err := openaianalyser.New(openaianalyser.Options{Route: settings.Route{Name: "claude", Type: "bedrock"}})
	require.ErrorContains(t, err, "route claude of type bedrock")
	_, err = openaianalyser.FirstRoute(settings.Routes{}, "analyst")
	require.ErrorContains(t, err, "analyst has no routes")
}

func TestAServiceIsCalledBelowV1WithoutAKey(t *testing.T) {
	p := newProvider(t, 200, `{"choices":[{"message":{"content":"ok"}}]}`)
	analyser, err := openaianalyser.New(openaianalyser.Options{Route: settings.Route{Type: "service", Model: "m", BaseURL: p.URL}})
	require.NoError(t, err)
	_, err = analyser.Analyse(t.Context(), "x", nil)
	require.NoError(t, err)
	require.Equal(t, "/v1/chat/completions", p.path)
	require.Empty(t, p.key)
}

func TestAKeyThatCannotBeReadIsNoFinalFailure(t *testing.T) {
	analyser, err := openaianalyser.New(openaianalyser.Options{Route: settings.Route{Type: "openai", Secret: "key"},
		Secret: func(context.Context, string) (string, error) { return "", errors.New("AccessDenied") }})
	require.NoError(t, err)
	_, err = analyser.Analyse(t.Context(), "x", nil)
	require.ErrorContains(t, err, "AccessDenied")
	var rejected *documents.Rejected
	require.NotErrorAs(t, err, &rejected)
}
