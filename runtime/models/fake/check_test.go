package fake_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/fake"
)

func body(t *testing.T, members string) *models.Body {
	t.Helper()
	raw := `{"model":"m","messages":[{"role":"user","content":"one two three"}]` + members + `}`
	parsed, err := models.ParseBody(json.RawMessage(raw))
	require.NoError(t, err)
	return parsed
}

func TestWhatOpenAIRefusesIsRefusedOnOnesOwnMachine(t *testing.T) {
	for members, want := range map[string][2]string{
		`,"n":0`:                                       {"n", "decimal_below_min_value"},
		`,"n":129`:                                     {"n", "decimal_above_max_value"},
		`,"temperature":2.5`:                           {"temperature", "decimal_above_max_value"},
		`,"temperature":"hot"`:                         {"temperature", "invalid_type"},
		`,"top_p":-1`:                                  {"top_p", "decimal_below_min_value"},
		`,"presence_penalty":3`:                        {"presence_penalty", "decimal_above_max_value"},
		`,"max_tokens":0`:                              {"max_tokens", "integer_below_min_value"},
		`,"max_completion_tokens":-1`:                  {"max_completion_tokens", "integer_below_min_value"},
		`,"response_format":"json"`:                    {"response_format", "invalid_type"},
		`,"response_format":{"type":"xml"}`:            {"response_format.type", "invalid_value"},
		`,"response_format":{"type":"json_schema"}`:    {"response_format.json_schema.name", "missing_required_parameter"},
		`,"stream_options":{"include_usage":true}`:     {"stream_options", ""},
		`,"stream":true,"n":2`:                         {"n", models.CodeUnsupported},
		`,"tools":[]`:                                  {"tools", "empty_array"},
		`,"tools":[{"type":"magic"}]`:                  {"tools[0].type", "invalid_value"},
		`,"tools":[{"type":"function","function":{}}]`: {"tools[0].function.name", "missing_required_parameter"},
		`,"tool_choice":"required"`:                    {"tool_choice", ""},
	} {
		t.Run(members, func(t *testing.T) {
			_, err := fake.New(fake.Options{}).Chat(t.Context(), models.Request{Body: body(t, members)})
			var refused *models.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, 400, refused.Status)
			require.Equal(t, want, [2]string{refused.Param, refused.Code})
			require.NotContains(t, refused.Message, "json:", "nothing of how it is read")
		})
	}
	for messages, param := range map[string]string{
		`[{"role":"king","content":"x"}]`:  "messages[0].role",
		`[{"role":"user"}]`:                "messages[0].content",
		`[{"role":"user","content":null}]`: "messages[0].content",
		`[{"role":"user","content":5}]`:    "messages[0].content",
		`[]`:                               "messages",
	} {
		parsed, err := models.ParseBody(json.RawMessage(`{"messages":` + messages + `}`))
		require.NoError(t, err)
		_, err = fake.New(fake.Options{}).Chat(t.Context(), models.Request{Body: parsed})
		var refused *models.Error
		require.ErrorAs(t, err, &refused, messages)
		require.Equal(t, param, refused.Param)
	}
}

func TestWhatOpenAITakesIsTaken(t *testing.T) {
	for _, members := range []string{
		`,"n":1,"temperature":2,"top_p":1,"seed":7,"logprobs":true,"user":"u","unknown":1`, `,"max_completion_tokens":100`,
		`,"response_format":{"type":"text"}`, `,"response_format":null,"tools":null,"tool_choice":null,"n":null,"stream_options":null`,
		`,"tool_choice":"none"`, `,"tools":[{"type":"function","function":{"name":"f"}}]`,
	} {
		_, err := fake.New(fake.Options{}).Chat(t.Context(), models.Request{Body: body(t, members)})
		require.NoError(t, err, members)
	}
}

func TestThereAreAsManyChoicesAsWereAskedFor(t *testing.T) {
	reply, err := fake.New(fake.Options{}).Chat(t.Context(), models.Request{Body: body(t, `,"n":3,"max_tokens":2`)})
	require.NoError(t, err)
	var answer struct {
		Object  string
		Choices []struct {
			Index        int
			Message      struct{ Content string }
			FinishReason string `json:"finish_reason"`
		}
	}
	require.NoError(t, json.Unmarshal(reply.Body, &answer))
	require.Equal(t, "chat.completion", answer.Object)
	require.Len(t, answer.Choices, 3)
	for i, choice := range answer.Choices {
		require.Equal(t, i, choice.Index)
		require.Equal(t, "You said: ", choice.Message.Content)
		require.Equal(t, "length", choice.FinishReason)
	}
	require.Equal(t, 6, reply.Usage.Output)
}
