package chat

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"tandem/runtime/models"
)

// Embeddings is a list of vectors, one for each input.
type Embeddings struct {
	Model   string
	Vectors [][]float32
	// Base64 renders vectors as base64 of little-endian 32-bit floats, which
	// OpenAI's Python client asks for by default.
	Base64 bool
	// Tokens of all inputs.
	Tokens int
}

// Reply renders the list.
func (e Embeddings) Reply() (*models.Reply, error) {
	type item struct {
		Object    string `json:"object"`
		Index     int    `json:"index"`
		Embedding any    `json:"embedding"`
	}
	items := make([]item, len(e.Vectors))
	for i, vector := range e.Vectors {
		items[i] = item{"embedding", i, vector}
		if e.Base64 {
			items[i].Embedding = encodeVector(vector)
		}
	}
	body, err := json.Marshal(map[string]any{
		"object": "list", "model": e.Model, "data": items,
		"usage": map[string]int{"prompt_tokens": e.Tokens, "total_tokens": e.Tokens},
	})
	if err != nil {
		return nil, fmt.Errorf("rendering embeddings: %w", err)
	}
	return &models.Reply{Body: body, Usage: models.Usage{Input: e.Tokens}}, nil
}

func encodeVector(vector []float32) string {
	raw := make([]byte, 0, 4*len(vector))
	for _, number := range vector {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(number))
	}
	return base64.StdEncoding.EncodeToString(raw)
}
