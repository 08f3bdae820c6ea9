package modelanalyser_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/modelanalyser"
	"tandem/runtime/models"
)

// router answers every call alike.
type router struct {
	answer string
	err    error
	asked  *models.Call
}

func (r router) Chat(_ context.Context, call models.Call) (*models.Answer, error) {
	if r.asked != nil {
		*r.asked = call
	}
	if r.err != nil {
		return nil, r.err
	}
	return &models.Answer{Body: json.RawMessage(r.answer), Served: models.Served{UpstreamModel: "m-2026", Usage: models.Usage{Input: 7, Output: 3}}}, nil
}

func analyse(r router, schema string) (documents.Analysis, error) {
	return modelanalyser.Analyser{Router: r, Model: "analyst"}.Analyse(context.Background(), "Summarise: text", json.RawMessage(schema))
}

func TestFreeTextComesAsAString(t *testing.T) {
	var asked models.Call
	got, err := analyse(router{asked: &asked, answer: `{"choices":[{"message":{"content":"It \"says\" so."},"finish_reason":"stop"}]}`}, "")
	require.NoError(t, err)
	require.Equal(t, documents.Analysis{Value: json.RawMessage(`"It \"says\" so."`), Model: "m-2026", InputTokens: 7, OutputTokens: 3}, got)
	require.Equal(t, "analyst", asked.Model)
	require.Equal(t, "documents", asked.Tenant)
	require.JSONEq(t, `{"model": "analyst", "messages": [{"role": "user", "content": "Summarise: text"}]}`, string(asked.Body))
}

func TestASchemaIsAskedForAndComesAsJSON(t *testing.T) {
	var asked models.Call
	got, err := analyse(router{asked: &asked, answer: `{"choices":[{"message":{"content":"{\"a\": 1}"}}]}`}, `{"type":"object"}`)
	require.NoError(t, err)
	require.JSONEq(t, `{"a": 1}`, string(got.Value))
	require.Contains(t, string(asked.Body), `"response_format":{"type":"json_schema","json_schema":{"name":"analysis","schema":{"type":"object"}}}`)
}

func TestWhatWillBeTheSameNextTimeIsRejected(t *testing.T) {
	for name, c := range map[string]struct {
		router   router
		schema   string
		rejected string
		tooLarge bool
		retried  string
	}{
		"a refusal":        {router: router{answer: `{"choices":[{"message":{"refusal":"no"}}]}`}, rejected: "the model refused"},
		"a filter":         {router: router{answer: `{"choices":[{"message":{},"finish_reason":"content_filter"}]}`}, rejected: "the model refused"},
		"a cut answer":     {router: router{answer: `{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}`}, rejected: "longer than"},
		"too many tokens":  {router: router{err: &models.Error{Status: 400, Code: "context_length_exceeded"}}, rejected: "too large", tooLarge: true},
		"too many bytes":   {router: router{err: &models.Error{Status: 413}}, rejected: "too large", tooLarge: true},
		"a bad request":    {router: router{err: &models.Error{Status: 400, Code: "x", Message: "secret"}}, rejected: "refuses the request (400 x)"},
		"too much to do":   {router: router{err: &models.Error{Status: 429, Code: "rate_limit_exceeded"}}, retried: "429"},
		"a revoked key":    {router: router{err: &models.Error{Status: 502, Code: models.CodeRouteMisconfigured}}, retried: "route_misconfigured"},
		"no time":          {router: router{err: context.DeadlineExceeded}, retried: "deadline"},
		"no choices":       {router: router{answer: `{}`}, retried: "no choices"},
		"no completion":    {router: router{answer: `[]`}, retried: "not a chat completion"},
		"text for a model": {router: router{answer: `{"choices":[{"message":{"content":"sorry"}}]}`}, schema: `{}`, retried: "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := analyse(c.router, c.schema)
			var rejected *documents.Rejected
			if c.rejected == "" {
				require.NotErrorAs(t, err, &rejected)
				require.ErrorContains(t, err, c.retried)
				return
			}
			require.ErrorAs(t, err, &rejected)
			require.Contains(t, rejected.Reason, c.rejected)
			require.Equal(t, c.tooLarge, rejected.TooLarge)
			require.NotContains(t, rejected.Reason, "secret")
		})
	}
}
