package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/models"
)

func TestABodyMustBeOneObjectWithoutAmbiguity(t *testing.T) {
	for raw, says := range map[string]string{
		``:                              "no body",
		`[]`:                            "must be a JSON object",
		`"model"`:                       "must be a JSON object",
		`{"a":1`:                        "not valid JSON",
		`{"a":1}{}`:                     "follows",
		`{"model":1,"model":2}`:         "duplicate",
		`{"a":{"b":1,"b":2}}`:           "duplicate",
		"{\"a\":\"\xff\"}":              "UTF-8",
		strings.Repeat(`{"a":`, 20_000): "not valid JSON",
	} {
		_, err := models.ParseBody(json.RawMessage(raw))
		var refused *models.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 400, refused.Status)
		require.ErrorContains(t, err, says, "%.40s", raw)
	}
}

func TestMembersAreSetAndAllOthersStayAsTheyCame(t *testing.T) {
	value := rapid.SampledFrom([]string{`1`, `1.50e+2`, `"x\u00e9\"}"`, `{"model": [ {} ] }`, ` [1 , 2]`, `null`, `12345678901234567890123`})
	space := rapid.SampledFrom([]string{"", " ", "\n\t"})
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "model", "stream", "messages", "\u00e9", "x\\\"y"}), 0, 6, rapid.ID[string]).Draw(t, "names")
		var members []string
		for _, name := range names {
			members = append(members, space.Draw(t, "s")+`"`+name+`"`+space.Draw(t, "s")+":"+value.Draw(t, "v"))
		}
		raw := space.Draw(t, "s") + "{" + strings.Join(members, ",") + space.Draw(t, "s") + "}"
		body, err := models.ParseBody(json.RawMessage(raw))
		require.NoError(t, err)

		out := body.With(models.Edit{Name: "model", Value: models.Quote("m\"1")}, models.Edit{Name: "stream", Value: json.RawMessage("true")})
		var before, after map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(raw), &before))
		require.NoError(t, json.Unmarshal(out, &after), "%s", out)
		require.Equal(t, `"m\"1"`, string(after["model"]))
		require.Equal(t, `true`, string(after["stream"]))
		for name := range before {
			require.Equal(t, string(bytes.TrimSpace(body.Get(name))), string(before[name]))
			if name != "model" && name != "stream" {
				require.Equal(t, string(before[name]), string(after[name]), "byte for byte")
			}
			delete(after, name)
		}
		delete(after, "model")
		delete(after, "stream")
		require.Empty(t, after)
		require.Equal(t, raw, string(body.Raw()), "the client's own is left alone")
	})
}

func TestAPromptOfFiveMegabytesIsReadOnce(t *testing.T) {
	raw := json.RawMessage(fmt.Sprintf(`{"model":"smart","messages":[{"role":"user","content":%q}]}`, strings.Repeat("lorem ipsum ", 5<<20/12)))
	body, err := models.ParseBody(raw)
	require.NoError(t, err)
	out := body.With(models.Edit{Name: "model", Value: models.Quote("m")})
	require.Len(t, out, len(raw)-len("smart")+len("m"))
	allocated := testing.AllocsPerRun(3, func() { _, _ = models.ParseBody(raw) })
	require.Less(t, allocated, 50.0)
}

func TestAnAnswerIsReadAsOtherReadersDo(t *testing.T) {
	for raw, want := range map[string]string{
		`{"model":"x","a":1}`:                         `{"model":"smart","a":1}`,
		"\n {\"a\" : [ 1 ] , \"model\"\t:\t\"x\" }\n": "\n {\"a\" : [ 1 ] , \"model\"\t:\t\"smart\" }\n",
		`{"model":"x","model":"y"}`:                   `{"model":"smart","model":"smart"}`,
		`{"m\u006fdel":"x","b":"\"model\":"}`:         `{"m\u006fdel":"smart","b":"\"model\":"}`,
		`{"choices":[{"model":"x"}]}`:                 `{"choices":[{"model":"x"}]}`,
		`{}`:                                          `{}`,
		"{\"model\":null,\"a\":\"\xff\"}":             "{\"model\":\"smart\",\"a\":\"\xff\"}",
	} {
		answer, err := models.ReadAnswer(json.RawMessage(raw))
		require.NoError(t, err, raw)
		require.Equal(t, strings.TrimSpace(want), string(answer.Named("smart")), raw)
	}
	for _, raw := range []string{``, `[]`, `7`, `{"a":`, `{"a":1}x`, `{"a":1}{}`, `{a:1}`} {
		_, err := models.ReadAnswer(json.RawMessage(raw))
		require.Error(t, err, raw)
	}
}

func TestWhatIsWrongWithABodyIsSaidInPlainWords(t *testing.T) {
	for raw, want := range map[string]string{
		"":                 "The request has no body.",
		" \n":              "The request has no body.",
		"hello":            "The request's body is not valid JSON: invalid character 'h' at start of value.",
		`{"a":1,"a":2}`:    `The request's body is not valid JSON: duplicate object member name "a".`,
		"{\"a\":\"\xff\"}": `The request's body is not valid JSON: invalid UTF-8 within "/a" after offset 6.`,
		"[]":               "The request's body must be a JSON object.",
	} {
		_, err := models.ParseBody(json.RawMessage(raw))
		var refused *models.Error
		require.ErrorAs(t, err, &refused, raw)
		require.Equal(t, want, refused.Message)
	}
}
