package models_test

import (
	"encoding/json"
	"testing"

	"tandem/runtime/models"
)

func BenchmarkReadAChunk(b *testing.B) {
	chunk := json.RawMessage(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763900000,"model":"m","choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}],"usage":null}`)
	b.ReportAllocs()
	for b.Loop() {
		answer, err := models.ReadAnswer(chunk)
		if err != nil {
			b.Fatal(err)
		}
		answer.Named("smart")
	}
}

func BenchmarkParseBody(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		body, err := models.ParseBody(call.Body)
		if err != nil {
			b.Fatal(err)
		}
		body.With(models.Edit{Name: "model", Value: models.Quote("m")})
	}
}
