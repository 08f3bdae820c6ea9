package modelsapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/keys"
	"tandem/runtime/models"
)

const (
	chatPath   = "/v1/chat/completions"
	question   = `{"model": "analyst", "messages": [{"role": "user", "content": "Is it so?"}], "x": 1.50}`
	completion = `{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"It is."},"finish_reason":"stop"}]}`
)

func answering(body string) func(context.Context, models.Call) (*models.Answer, error) {
	return func(context.Context, models.Call) (*models.Answer, error) {
		return &models.Answer{Body: json.RawMessage(body), Served: served}, nil
	}
}

func TestAChatGoesToTheRouterAsItCameAndComesBackWithWhatItTook(t *testing.T) {
	var got models.Call
	f := newFixture(t, router{chat: func(ctx context.Context, call models.Call) (*models.Answer, error) {
		got = call
		return answering(completion)(ctx, call)
	}})
	answer := f.post(chatPath, question)
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, completion, answer.Body.String())
	require.Equal(t, models.Call{Tenant: "acme", Model: "analyst", Body: json.RawMessage(question)}, got)
	for name, want := range map[string]string{
		"X-Tandem-Model": "analyst", "X-Tandem-Route": "openai", "X-Tandem-Upstream-Model": "gpt-5", "X-Tandem-Tier": "1",
		"X-Tandem-Input-Tokens": "12", "X-Tandem-Output-Tokens": "34", "X-Tandem-Cost-Usd": "0.0125", "X-Tandem-Attempts": "2",
		"X-Tandem-Milliseconds": "1234",
	} {
		require.Equal(t, want, answer.Header().Get(name), name)
	}
}

func TestACostThatNobodyKnowsIsNotZero(t *testing.T) {
	f := newFixture(t, router{chat: func(context.Context, models.Call) (*models.Answer, error) {
		return &models.Answer{Body: json.RawMessage(completion), Served: models.Served{Model: "analyst", Tier: 3}}, nil
	}})
	require.Empty(t, f.post(chatPath, question).Header().Values("X-Tandem-Cost-Usd"))
}

func TestEmbeddingsAreAnswered(t *testing.T) {
	f := newFixture(t, router{embeddings: answering(`{"object":"list","data":[],"model":"analyst"}`)})
	answer := f.post("/v1/embeddings", `{"model": "analyst", "input": ["a", "b"]}`)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	require.Equal(t, "openai", answer.Header().Get("X-Tandem-Route"))
}

func TestTheModelsAreListed(t *testing.T) {
	f := newFixture(t, router{})
	answer := f.do(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/models", nil))
	var list struct {
		Data []struct{ ID, Object, Overflow string }
	}
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &list))
	require.Len(t, list.Data, 2)
	require.Equal(t, "analyst", list.Data[0].ID)
	require.Equal(t, "analyser", list.Data[0].Overflow)
	require.Equal(t, http.StatusOK, f.do(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/models/assistant", nil)).Code)
	missing := f.do(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/models/none", nil))
	require.Equal(t, "model_not_found", failed(t, missing, http.StatusNotFound).code())
}

func TestRequestsThatAreWrongAreRefusedInOpenAIsShape(t *testing.T) {
	f := newFixture(t, router{})
	for name, c := range map[string]struct{ path, body, param string }{
		"no JSON":               {chatPath, `{`, ""},
		"a list":                {chatPath, `[]`, ""},
		"no model":              {chatPath, `{"messages": [{"role": "user"}]}`, "model"},
		"a model of no name":    {chatPath, `{"model": "", "messages": [{"role": "user"}]}`, "model"},
		"a model that is a 1":   {chatPath, `{"model": 1, "messages": [{"role": "user"}]}`, "model"},
		"no messages":           {chatPath, `{"model": "analyst"}`, "messages"},
		"an empty list of them": {chatPath, `{"model": "analyst", "messages": []}`, "messages"},
		"messages in a text":    {chatPath, `{"model": "analyst", "messages": "hello"}`, "messages"},
		"a message of nobody":   {chatPath, `{"model": "analyst", "messages": [{"content": "a"}]}`, "messages"},
		"a stream of sorts":     {chatPath, `{"model": "analyst", "messages": [{"role": "user"}], "stream": "yes"}`, "stream"},
		"nothing to embed":      {"/v1/embeddings", `{"model": "analyst"}`, "input"},
		"an empty text":         {"/v1/embeddings", `{"model": "analyst", "input": ""}`, "input"},
	} {
		t.Run(name, func(t *testing.T) {
			got := failed(t, f.post(c.path, c.body), http.StatusBadRequest)
			require.Equal(t, "invalid_request_error", got.Error.Type)
			if c.param != "" {
				require.NotNil(t, got.Error.Param)
				require.Equal(t, c.param, *got.Error.Param)
			}
		})
	}
}

func TestAKeyThatNoJobCouldHaveIsRefusedWhetherOrNotOneIsMade(t *testing.T) {
	f := newFixture(t, router{chat: answering(completion)})
	for _, wrong := range []string{"", " a", strings.Repeat("a", 251), "a\x7f"} {
		failed(t, f.post(chatPath, question, "Idempotency-Key", wrong), http.StatusBadRequest)
	}
	require.Equal(t, http.StatusOK, f.post(chatPath, question, "Idempotency-Key", "a b").Code)
}

func TestAThousandTenantsAreToldApart(t *testing.T) {
	seen := map[string]int{}
	f := newFixture(t, router{chat: func(ctx context.Context, call models.Call) (*models.Answer, error) {
		seen[call.Tenant]++
		return answering(completion)(ctx, call)
	}}, func(_ *modelsapi.Options, limits *ratelimit.Options) { limits.Rate, limits.Burst = 1, 2 })
	for i := range 1000 {
		f.key = f.issue(fmt.Sprintf("tenant-%d", i), keys.ScopeModels)
		for range 2 {
			require.Equal(t, http.StatusOK, f.post(chatPath, question).Code)
		}
		require.Equal(t, http.StatusTooManyRequests, f.post(chatPath, question).Code)
	}
	require.Len(t, seen, 1000)
	for tenant, count := range seen {
		require.Equal(t, 2, count, tenant)
	}
}

func TestRefusalsOfTheDoorHaveOpenAIsShapeToo(t *testing.T) {
	f := newFixture(t, router{chat: answering(completion)}, func(_ *modelsapi.Options, limits *ratelimit.Options) { limits.Rate, limits.Burst = 1, 3 })
	good := f.key
	f.key = "tdm_nobody.secret"
	require.Equal(t, "invalid_api_key", failed(t, f.post(chatPath, question), http.StatusUnauthorized).code())
	f.key = f.issue("other", keys.ScopeJobsRead)
	require.Equal(t, "insufficient_permissions", failed(t, f.post(chatPath, question), http.StatusForbidden).code())
	f.key = good
	require.Equal(t, "unsupported_media_type", failed(t, f.post(chatPath, question, "Content-Type", "text/plain"), http.StatusUnsupportedMediaType).code())
	wrong := f.do(httptest.NewRequestWithContext(t.Context(), http.MethodPut, chatPath, nil))
	failed(t, wrong, http.StatusMethodNotAllowed)
	require.Equal(t, "POST", wrong.Header().Get("Allow"))
	require.Equal(t, http.StatusOK, f.post(chatPath, question).Code)
	require.Equal(t, http.StatusOK, f.post(chatPath, question).Code)
	limited := f.post(chatPath, question)
	require.Equal(t, "rate_limit_error", failed(t, limited, http.StatusTooManyRequests).Error.Type)
	require.Equal(t, "1", limited.Header().Get("Retry-After"))
	require.Empty(t, limited.Header().Get("X-Should-Retry"), "the client may try again by itself")
}

func TestErrorsOfTheRouterAreTheClientsAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		err        error
		status     int
		kind, code string
		after      string
		retry      string
	}{
		"unknown model": {&models.Error{Status: 404, Type: "invalid_request_error", Code: "model_not_found", Message: "m"}, 404, "invalid_request_error", "model_not_found", "", ""},
		"too much to do": {&models.Error{Status: 429, Type: "rate_limit_error", Code: "rate_limit_exceeded", Message: "m", RetryAfter: 1500 * time.Millisecond},
			429, "rate_limit_error", "rate_limit_exceeded", "2", ""},
		"budget": {&models.Error{Status: 429, Type: "insufficient_quota", Code: models.CodeBudget, Message: "m", RetryAfter: time.Hour},
			429, "insufficient_quota", models.CodeBudget, "3600", "false"},
		"provider down": {&models.Error{Status: 503, Type: "server_error", Code: "model_unavailable", Message: "m"}, 503, "server_error", "model_unavailable", "", ""},
		"too slow":      {context.DeadlineExceeded, 504, "timeout_error", "timeout", "", "false"},
		"cut off":       {context.Canceled, 503, "server_error", "", "1", ""},
		"a mistake":     {errors.New("a secret"), 500, "server_error", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, router{chat: func(context.Context, models.Call) (*models.Answer, error) { return nil, c.err }})
			got := f.post(chatPath, question)
			shown := failed(t, got, c.status)
			require.Equal(t, c.kind, shown.Error.Type)
			require.Equal(t, c.code, shown.code())
			require.Equal(t, c.after, got.Header().Get("Retry-After"))
			require.Equal(t, c.retry, got.Header().Get("X-Should-Retry"))
			require.NotContains(t, got.Body.String(), "secret")
		})
	}
}

func TestALongPromptWorksAndATooLongOneIsRefusedUnread(t *testing.T) {
	read := 0
	f := newFixture(t, router{chat: func(ctx context.Context, call models.Call) (*models.Answer, error) {
		read = len(call.Body)
		return answering(completion)(ctx, call)
	}})
	body := `{"model": "analyst", "messages": [{"role": "user", "content": "` + strings.Repeat("long ", 1<<20) + `"}]}`
	require.Equal(t, http.StatusOK, f.post(chatPath, body).Code)
	require.Equal(t, len(body), read)

	unread := &unreadable{t: t}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, unread)
	request.ContentLength = 7 << 20
	require.Equal(t, "request_too_large", failed(t, f.do(request), http.StatusRequestEntityTooLarge).code())
	chunked := httptest.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, strings.NewReader(strings.Repeat(" ", 7<<20)))
	chunked.ContentLength = -1
	require.Equal(t, "request_too_large", failed(t, f.do(chunked), http.StatusRequestEntityTooLarge).code())
}

type unreadable struct{ t *testing.T }

func (u *unreadable) Read([]byte) (int, error) {
	u.t.Error("it was read")
	return 0, errors.New("read")
}

func TestAChatThatNearsItsLimitEndsWithAClearTimeout(t *testing.T) {
	f := newFixture(t, router{chat: func(ctx context.Context, _ models.Call) (*models.Answer, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		began := time.Now()
		got := f.post(chatPath, question)
		require.Contains(t, failed(t, got, http.StatusGatewayTimeout).Error.Message, "respond-async")
		require.Equal(t, 58*time.Second, time.Since(began), "two seconds before the limit")
	})
}
