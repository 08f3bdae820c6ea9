package localmodels_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/local/localmodels"
	"tandem/config"
	"tandem/runtime/models"
	"tandem/runtime/settings"
)

func ask(t *testing.T, router *models.Router, model string) models.Served {
	t.Helper()
	answer, err := router.Chat(t.Context(), models.Call{Tenant: "local", Model: model,
		Body: json.RawMessage(`{"model": "` + model + `", "messages": [{"role": "user", "content": "Hello"}]}`)})
	require.NoError(t, err)
	return answer.Served
}

func TestWithoutAKeyAnswersAreMadeUp(t *testing.T) {
	router, err := localmodels.Router(localmodels.Default("analyser"), localmodels.Keys{})
	require.NoError(t, err)
	for _, model := range router.Models() {
		require.Equal(t, "fake", model.OwnedBy)
	}
	require.Equal(t, "fake", ask(t, router, "assistant").Route)
}

func TestAKeyMakesItsRoutesRealAndLeavesNothingMadeUpBesideThem(t *testing.T) {
	var authorization, model string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
		var request struct{ Model string }
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &request)
		model = request.Model
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","model":"gpt-5-mini","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
	}))
	defer upstream.Close()
	router, err := localmodels.Router(localmodels.Default("analyser"), localmodels.Keys{OpenAI: "sk-test", OpenAIURL: upstream.URL + "/v1"})
	require.NoError(t, err)
	served := ask(t, router, "assistant")
	require.Equal(t, "openai", served.Route)
	require.True(t, served.CostKnown)
	require.Equal(t, "Bearer sk-test", authorization)
	require.Equal(t, "gpt-5-mini", model)
	upstream.Close()
	_, err = router.Chat(t.Context(), models.Call{Model: "assistant", Body: json.RawMessage(`{"model":"assistant","messages":[{"role":"user","content":"a"}]}`)})
	require.Error(t, err)
}

func TestAKeyIsNotSentToAnAPIOfOthers(t *testing.T) {
	routes := settings.Routes{"m": {Routes: []settings.Route{{Name: "mine", Type: "openai", Model: "x", BaseURL: "https://example.com/v1"}}}}
	router, err := localmodels.Router(routes, localmodels.Keys{OpenAI: "sk-test"})
	require.NoError(t, err)
	require.Equal(t, "fake", ask(t, router, "m").Route)
}

func TestTheModelsOfAConfigurationAreServed(t *testing.T) {
	routes := localmodels.Of(&config.Config{
		Providers: map[string]config.Provider{"cloud": {Type: config.ProviderBedrock}},
		Models:    map[string]config.Model{"both": {Overflow: "w", Routes: []config.Route{{Service: "llama"}, {Provider: "cloud", Model: "claude"}}}},
	})
	router, err := localmodels.Router(routes, localmodels.Keys{OpenAI: "sk-test"})
	require.NoError(t, err)
	require.Equal(t, []models.Model{{Name: "both", Overflow: "w", OwnedBy: "fake"}}, router.Models())
}
