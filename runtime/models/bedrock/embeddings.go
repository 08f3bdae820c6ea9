package bedrock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/models/upstream"
)

// Embeddings implements models.Provider, for Amazon's Titan models: a request
// for each text
// (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html, 2026-11-24).
func (p *Provider) Embeddings(ctx context.Context, request models.Request) (*models.Reply, error) {
	if !strings.Contains(request.Model, "amazon.titan-embed-text") {
		return nil, models.Unsupported("model", "The route of this model makes no embeddings.")
	}
	asked, err := chat.ParseEmbeddings(request.Body)
	if err != nil {
		return nil, err
	}
	list := chat.Embeddings{Model: request.Name, Base64: asked.Base64}
	for _, text := range asked.Inputs {
		vector, tokens, err := p.embed(ctx, request.Model, text, asked.Dimensions)
		if err != nil {
			return nil, err
		}
		list.Vectors = append(list.Vectors, vector)
		list.Tokens += tokens
	}
	return list.Reply()
}

func (p *Provider) embed(ctx context.Context, model, text string, dimensions int) ([]float32, int, error) {
	body, err := json.Marshal(struct {
		InputText  string `json:"inputText"`
		Dimensions int    `json:"dimensions,omitempty"`
	}{text, dimensions})
	if err != nil {
		return nil, 0, fmt.Errorf("rendering a request for an embedding: %w", err)
	}
	out, err := p.client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId: &model, Body: body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
	})
	if err != nil {
		return nil, 0, understood("invoke", err)
	}
	var answer struct {
		Embedding []float32 `json:"embedding"`
		Tokens    int       `json:"inputTextTokenCount"`
	}
	if err := json.Unmarshal(out.Body, &answer); err != nil {
		return nil, 0, upstream.Malformed(err)
	}
	if len(answer.Embedding) == 0 {
		return nil, 0, upstream.Malformed(errors.New("it has no embedding"))
	}
	return answer.Embedding, answer.Tokens, nil
}
