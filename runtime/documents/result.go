package documents

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Result is what is written beside the documents.
type Result struct {
	Document Source `json:"document"`
	// Model that analysed it; empty where a worker did.
	Model string `json:"model,omitempty"`
	// Worker and Job that did; empty where a model did.
	Worker   string          `json:"worker,omitempty"`
	Job      string          `json:"job,omitempty"`
	Analysis json.RawMessage `json:"analysis"`
	Usage    Usage           `json:"usage"`
	Analysed time.Time       `json:"analysed"`
}

// Usage is what an analysis cost, in tokens.
type Usage struct {
	Input  int `json:"inputTokens"`
	Output int `json:"outputTokens"`
}

// write writes a result where there is none, and returns its key.
func (p *Processor) write(ctx context.Context, result Result) (string, error) {
	source := result.Document
	result.Analysed = p.options.Now().UTC()
	content, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return "", &Rejected{Reason: "the model's answer is not JSON"}
	}
	key := p.resultKey(source)
	err = p.options.Objects.Write(ctx, source.Bucket, key, content)
	if err != nil && !errors.Is(err, ErrWritten) {
		return "", err
	}
	return key, nil
}

// resultKey is the document's own key below the result prefix, and its version,
// so that each version has one place for one result.
func (p *Processor) resultKey(source Source) string {
	return p.options.Settings.ResultPrefix + source.Key + "/" + source.Version + ".json"
}
