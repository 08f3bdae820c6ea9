package anthropic_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/anthropic"
	"tandem/runtime/models/modelstest"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

func suite() modelstest.Suite {
	return modelstest.Suite{
		Wire: modelstest.Anthropic{}, Connect: anthropic.Connect(upstream.NewClient()), Key: "sk-ant-very-secret",
		Route: settings.Route{Name: "there", Type: "anthropic", Model: "claude-recorded"},
	}
}

func TestTheProviderConforms(t *testing.T) { suite().Run(t) }

func TestRequestsAreTranslated(t *testing.T) {
	const user = `"messages":[{"role":"user","content":"hi"}]`
	const hi = `"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]`
	for name, test := range map[string]struct{ client, sent string }{
		"the simplest": {`{` + user + `}`, `{"model":"claude-recorded","max_tokens":8192,` + hi + `}`},
		"the settings that both have": {
			`{` + user + `,"max_completion_tokens":100,"max_tokens":7,"temperature":0.5,"top_p":0.9,"stop":["a","b"],"user":"u1","reasoning_effort":"low","n":1,"logprobs":false,"metadata":{"a":"b"},"seed":null}`,
			`{"model":"claude-recorded","max_tokens":100,"temperature":0.5,"top_p":0.9,"stop_sequences":["a","b"],"metadata":{"user_id":"u1"},"output_config":{"effort":"low"},` + hi + `}`},
		"instructions": {
			`{"messages":[{"role":"system","content":"be kind"},{"role":"developer","content":[{"type":"text","text":"be "},{"type":"text","text":"brief"}]},{"role":"user","content":"hi"}],"stop":"x"}`,
			`{"model":"claude-recorded","max_tokens":8192,"stop_sequences":["x"],"system":[{"type":"text","text":"be kind"},{"type":"text","text":"be brief"}],` + hi + `}`},
		"images by address and as data": {
			`{"messages":[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO","detail":"auto"}},
				{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}]}`,
			`{"model":"claude-recorded","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
				{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},{"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}]}]}`},
		"tools and what they returned": {
			`{"messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":null,"annotations":[],"refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Rome\"}"}},{"id":"c2","type":"function","function":{"name":"time","arguments":""}}]},
				{"role":"tool","tool_call_id":"c1","content":"sunny","name":"weather"},{"role":"tool","tool_call_id":"c2","content":""},{"role":"user","content":"and?"}],
				"tools":[{"type":"function","function":{"name":"weather","description":"It tells.","strict":true,"parameters":{"type":"object","properties":{"z":{"type":"integer","maximum":12345678901234567890},"a":{}},"required":["z"]}}},{"type":"function","function":{"name":"time"}}],
				"tool_choice":"required","parallel_tool_calls":false}`,
			`{"model":"claude-recorded","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"weather?"}]},
				{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Rome"}},{"type":"tool_use","id":"c2","name":"time","input":{}}]},
				{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":false,"content":[{"type":"text","text":"sunny"}]},{"type":"tool_result","tool_use_id":"c2"},{"type":"text","text":"and?"}]}],
				"tools":[{"name":"weather","description":"It tells.","strict":true,"input_schema":{"type":"object","properties":{"z":{"type":"integer","maximum":12345678901234567890},"a":{}},"required":["z"]}},{"name":"time","input_schema":{"type":"object","properties":{}}}],
				"tool_choice":{"type":"any","disable_parallel_tool_use":true}}`},
		"a tool by its name": {
			`{` + user + `,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}}}`,
			`{"model":"claude-recorded","max_tokens":8192,` + hi + `,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"f"}}`},
		"no tool": {
			`{` + user + `,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none"}`,
			`{"model":"claude-recorded","max_tokens":8192,` + hi + `,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"none"}}`},
		"a schema": {
			`{` + user + `,"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{"b":{},"a":{}}}}}}`,
			`{"model":"claude-recorded","max_tokens":8192,` + hi + `,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"b":{},"a":{}}}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.JSONEq(t, test.sent, suite().Sent(t, test.client))
		})
	}
}

func TestASchemaKeepsTheOrderOfItsProperties(t *testing.T) {
	sent := suite().Sent(t, `{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"properties":{"z":{},"a":{}}}}}}`)
	require.Contains(t, sent, `{"properties":{"z":{},"a":{}}}`)
}

func TestWhatAnthropicLacksIsRefusedByName(t *testing.T) {
	for extra, param := range map[string]string{
		`"reasoning_effort":"minimal"`: "reasoning_effort",
		`"n":2`:                        "n",
	} {
		refused := suite().Refused(t, `{"messages":[{"role":"user","content":"hi"}],`+extra+`}`)
		require.Equal(t, []any{400, models.CodeUnsupported, param}, []any{refused.Status, refused.Code, refused.Param})
	}
	refused := suite().Refused(t, `{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/zip;base64,AAAA"}}]}]}`)
	require.Equal(t, models.CodeUnsupported, refused.Code)
	_, err := (&anthropic.Provider{}).Embeddings(t.Context(), models.Request{})
	require.ErrorContains(t, err, "no embeddings")
}

func TestTheOldestModelsGetAShorterLimit(t *testing.T) {
	s := suite()
	s.Route.Model = "claude-3-haiku-20240307"
	var sent struct {
		MaxTokens int `json:"max_tokens"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.Sent(t, `{"messages":[{"role":"user","content":"hi"}]}`)), &sent))
	require.Equal(t, 4096, sent.MaxTokens)
}
