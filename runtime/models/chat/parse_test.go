package chat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
)

func parse(t *testing.T, raw string) (*chat.Request, error) {
	t.Helper()
	body, err := models.ParseBody(json.RawMessage(raw))
	require.NoError(t, err)
	return chat.Parse(body)
}

func TestWhatOtherAPIsLackIsRefusedByName(t *testing.T) {
	for name, test := range map[string]struct{ member, param string }{
		"several answers":            {`"n":2`, "n"},
		"probabilities":              {`"logprobs":true`, "logprobs"},
		"biases":                     {`"logit_bias":{"50256":-100}`, "logit_bias"},
		"penalties":                  {`"presence_penalty":0.5`, "presence_penalty"},
		"a seed":                     {`"seed":7`, "seed"},
		"a prediction":               {`"prediction":{"type":"content","content":"x"}`, "prediction"},
		"sound":                      {`"modalities":["text","audio"]`, "modalities"},
		"the web":                    {`"web_search_options":{}`, "web_search_options"},
		"what nobody knows":          {`"min_p":0.1`, "min_p"},
		"old functions":              {`"functions":[{"name":"f"}]`, "functions"},
		"JSON of any shape":          {`"response_format":{"type":"json_object"}`, "response_format.type"},
		"too warm":                   {`"temperature":1.5`, "temperature"},
		"a custom tool":              {`"tools":[{"type":"custom","custom":{"name":"x"}}]`, "tools[0].type"},
		"a tool with more":           {`"tools":[{"type":"function","function":{"name":"x","cache":1}}]`, "tools[0].function"},
		"a list of allowed tools":    {`"tools":[{"type":"function","function":{"name":"x"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{}}`, "tool_choice"},
		"a participant's name":       {`"messages":[{"role":"user","name":"anna","content":"x"}]`, "messages[0].name"},
		"an unknown role":            {`"messages":[{"role":"function","name":"f","content":"x"}]`, "messages[0].name"},
		"late instructions":          {`"messages":[{"role":"user","content":"x"},{"role":"system","content":"y"}]`, "messages[1].role"},
		"sound in a message":         {`"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]`, "messages[0].content[0].type"},
		"an image's detail":          {`"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b","detail":"high"}}]}]`, "messages[0].content[0].image_url.detail"},
		"an uploaded file":           {`"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f1"}}]}]`, "messages[0].content[0].file.file_id"},
		"an image in instructions":   {`"messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://a/b"}}]}]`, "messages[0].content"},
		"an unknown part of message": {`"messages":[{"role":"user","content":"x","weight":0}]`, "messages[0].weight"},
		"a call of a custom tool":    {`"messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"custom"}]}]`, "messages[0].tool_calls[0].type"},
	} {
		t.Run(name, func(t *testing.T) {
			member := test.member
			if test.param[:1] != "m" || test.param == "modalities" || test.param == "min_p" {
				member = `"messages":[{"role":"user","content":"hi"}],` + member
			}
			_, err := parse(t, `{`+member+`}`)
			var refused *models.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []any{400, models.CodeUnsupported, test.param}, []any{refused.Status, refused.Code, refused.Param}, refused.Message)
		})
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	for name, test := range map[string]struct{ body, param string }{
		"no messages":              {`{"model":"m"}`, "messages"},
		"only instructions":        {`{"messages":[{"role":"system","content":"x"}]}`, "messages"},
		"messages that are none":   {`{"messages":"hi"}`, "messages"},
		"a message that is none":   {`{"messages":["hi"]}`, "messages[0]"},
		"content that is none":     {`{"messages":[{"role":"user","content":7}]}`, "messages[0].content"},
		"a limit below one":        {`{"messages":[],"max_tokens":0}`, "max_tokens"},
		"a temperature below zero": {`{"messages":[],"temperature":-1}`, "temperature"},
		"a tool without a name":    {`{"messages":[],"tools":[{"type":"function","function":{}}]}`, "tools[0].function.name"},
		"a choice without tools":   {`{"messages":[{"role":"user","content":"x"}],"tool_choice":"required"}`, "tool_choice"},
		"an unknown choice":        {`{"messages":[],"tool_choice":"sometimes"}`, "tool_choice"},
		"a schema that is none":    {`{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}`, "response_format.json_schema.schema"},
		"arguments that are none":  {`{"messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{"}}]}]}`, "messages[0].tool_calls[0].function.arguments"},
		"a result of no call":      {`{"messages":[{"role":"tool","content":"x"}]}`, "messages[0].tool_call_id"},
		"an image from a file":     {`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}`, "messages[0].content[0].image_url.url"},
		"broken data":              {`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,!"}}]}]}`, "messages[0].content[0].image_url.url"},
		"data that is not base64":  {`{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain,hello"}}]}]}`, "messages[0].content[0].file.file_data"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, test.body)
			var refused *models.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []any{400, "", test.param}, []any{refused.Status, refused.Code, refused.Param}, refused.Message)
		})
	}
}

func TestTurnsAlternateWhateverTheClientSends(t *testing.T) {
	got, err := parse(t, `{"messages":[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"b"}]},
		{"role":"assistant","content":""},{"role":"assistant","content":null,"refusal":"no"},{"role":"assistant","content":"c"},{"role":"user","content":"d"}]}`)
	require.NoError(t, err)
	require.Equal(t, []chat.Turn{
		{Blocks: []chat.Block{{Text: "a"}, {Text: "b"}}},
		{Assistant: true, Blocks: []chat.Block{{Text: "no"}, {Text: "c"}}},
		{Blocks: []chat.Block{{Text: "d"}}},
	}, got.Turns)
}

func TestWhatChangesNothingIsTaken(t *testing.T) {
	_, err := parse(t, `{"messages":[{"role":"user","content":"x"}],"n":1,"logprobs":false,"top_logprobs":0,"logit_bias":{ },"presence_penalty":0,"frequency_penalty":0.0,
		"store":false,"service_tier":"auto","modalities":["text"],"seed":null,"metadata":{"a":"b"},"prompt_cache_key":"k","safety_identifier":"s","tool_choice":"none","response_format":{"type":"text"}}`)
	require.NoError(t, err)
}
