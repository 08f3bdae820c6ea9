package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/fake"
	"tandem/runtime/settings"
)

func TestTheFakeAnswersByTheRouter(t *testing.T) {
	router, err := models.New(models.Options{
		Routes:  settings.Routes{"smart": {Routes: []settings.Route{{Name: "fake", Type: "fake", Model: "echo"}}}},
		Connect: map[string]models.Connect{"fake": fake.Connect(fake.Options{})},
	})
	require.NoError(t, err)
	body := json.RawMessage(`{"model":"smart","messages":[{"role":"user","content":"good day"}],"stream_options":{"include_usage":true}}`)
	answer, err := router.Chat(t.Context(), models.Call{Tenant: "acme", Model: "smart", Body: body})
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), `"content":"You said: good day"`)
	require.Equal(t, 1, answer.Served.Attempts)

	var chunks []string
	served, err := router.ChatStream(t.Context(), models.Call{Tenant: "acme", Model: "smart", Body: body}, func(chunk json.RawMessage) error {
		chunks = append(chunks, string(chunk))
		return nil
	})
	require.NoError(t, err)
	require.Len(t, chunks, 1+4+2)
	require.Equal(t, models.Usage{Input: 2, Output: 4}, served.Usage)
}
