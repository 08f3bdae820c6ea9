package bedrock_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/bedrock"
	"tandem/runtime/models/modelstest"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

func suite() modelstest.Suite {
	config := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDRECORDED", "very-secret", "")}
	return modelstest.Suite{
		Wire: modelstest.Bedrock{}, Connect: bedrock.Connect(config, upstream.NewClient()),
		Route: settings.Route{Name: "there", Type: "bedrock", Model: "eu.anthropic.claude-recorded-v1:0"},
	}
}

func TestTheProviderConforms(t *testing.T) { suite().Run(t) }

func TestRequestsAreTranslated(t *testing.T) {
	const user = `"messages":[{"role":"user","content":"hi"}]`
	const hi = `"messages":[{"role":"user","content":[{"text":"hi"}]}]`
	for name, test := range map[string]struct{ client, sent string }{
		"the simplest": {`{` + user + `}`, `{"inferenceConfig":{},` + hi + `}`},
		"the settings that both have": {
			`{` + user + `,"max_tokens":100,"temperature":0.5,"top_p":0.25,"stop":["a"],"reasoning_effort":"high","user":"u"}`,
			`{"inferenceConfig":{"maxTokens":100,"temperature":0.5,"topP":0.25,"stopSequences":["a"]},"outputConfig":{"effort":"high"},` + hi + `}`},
		"instructions": {
			`{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]}`,
			`{"inferenceConfig":{},"system":[{"text":"be kind"}],` + hi + `}`},
		"images and files": {
			`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,iVBO"}},{"type":"file","file":{"filename":"my_plan.v2.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}]}`,
			`{"inferenceConfig":{},"messages":[{"role":"user","content":[{"image":{"format":"jpeg","source":{"bytes":"iVBO"}}},{"document":{"format":"pdf","name":"my plan v2 pdf","source":{"bytes":"JVBE"}}}]}]}`},
		"tools and what they returned": {
			`{"messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":"I look.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\",\"n\":1.50}"}}]},
				{"role":"tool","tool_call_id":"c1","content":"sunny"}],
				"tools":[{"type":"function","function":{"name":"weather","description":"It tells.","parameters":{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}}}],"tool_choice":{"type":"function","function":{"name":"weather"}}}`,
			`{"inferenceConfig":{},"messages":[{"role":"user","content":[{"text":"weather?"}]},{"role":"assistant","content":[{"text":"I look."},{"toolUse":{"toolUseId":"c1","name":"weather","input":{"city":"Rome","n":1.50}}}]},
				{"role":"user","content":[{"toolResult":{"toolUseId":"c1","content":[{"text":"sunny"}]}}]}],
				"toolConfig":{"tools":[{"toolSpec":{"name":"weather","description":"It tells.","inputSchema":{"json":{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}}}}],"toolChoice":{"tool":{"name":"weather"}}}}`},
		"a schema": {
			`{` + user + `,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}}`,
			`{"inferenceConfig":{},` + hi + `,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"name":"x","schema":"{\"type\":\"object\"}"}}}}}`},
		"no tool, before any was called": {
			`{` + user + `,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none"}`, `{"inferenceConfig":{},` + hi + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.JSONEq(t, test.sent, suite().Sent(t, test.client))
		})
	}
}

func TestWhatBedrockLacksIsRefusedByName(t *testing.T) {
	const tool = `"tools":[{"type":"function","function":{"name":"f"}}]`
	const called = `"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"}]`
	const user = `"messages":[{"role":"user","content":"hi"}]`
	for client, param := range map[string]string{
		`{` + user + `,"n":3}`:                                    "n",
		`{` + user + `,"reasoning_effort":"xhigh"}`:               "reasoning_effort",
		`{` + user + `,` + tool + `,"parallel_tool_calls":false}`: "parallel_tool_calls",
		`{` + called + `,` + tool + `,"tool_choice":"none"}`:      "tool_choice",
		`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`:    "messages",
		`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,AAAA"}}]}]}`:  "messages",
		`{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/zip;base64,AAAA"}}]}]}`: "messages",
	} {
		refused := suite().Refused(t, client)
		require.Equal(t, []any{400, models.CodeUnsupported, param}, []any{refused.Status, refused.Code, refused.Param}, client)
	}
}

func TestTitanMakesEmbeddings(t *testing.T) {
	server := modelstest.NewServer(t, modelstest.Bedrock{}, modelstest.Script{Vectors: [][]float32{{0.5, -1}}, Usage: models.Usage{Input: 3}})
	route := suite().Route
	route.BaseURL = server.URL
	provider, err := suite().Connect(route)
	require.NoError(t, err)
	body, err := models.ParseBody(json.RawMessage(`{"model":"vectors","input":["a","b"],"dimensions":256,"encoding_format":"base64"}`))
	require.NoError(t, err)
	reply, err := provider.Embeddings(t.Context(), models.Request{Name: "vectors", Model: "amazon.titan-embed-text-v2:0", Body: body})
	require.NoError(t, err)
	require.JSONEq(t, `{"object":"list","model":"vectors","data":[{"object":"embedding","index":0,"embedding":"AAAAPwAAgL8="},{"object":"embedding","index":1,"embedding":"AAAAPwAAgL8="}],"usage":{"prompt_tokens":6,"total_tokens":6}}`, string(reply.Body))
	require.JSONEq(t, `{"inputText":"b","dimensions":256}`, string(server.Requests()[1].Body))

	_, err = provider.Embeddings(t.Context(), models.Request{Model: "anthropic.claude", Body: body})
	require.ErrorContains(t, err, "no embeddings")
}

func TestASecretIsAMistake(t *testing.T) {
	route := suite().Route
	route.Secret = "key"
	_, err := suite().Connect(route)
	require.ErrorContains(t, err, "remove the secret")
}
