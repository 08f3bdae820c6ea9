package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tandem/runtime/settings"
)

// Handle answers one event, by its source and detail: an upload, or the time to
// look for jobs that have ended. An error asks for the event again.
func (p *Processor) Handle(ctx context.Context, source string, detail json.RawMessage) error {
	if source == settings.CollectSource {
		return p.Collect(ctx)
	}
	uploaded, err := ParseEvent(detail)
	if err != nil {
		return err
	}
	return p.Process(ctx, uploaded)
}

// ParseEvent reads the detail of EventBridge's 'Object Created' by S3. Keys come
// as they are, not encoded
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, 2026-11-24).
func ParseEvent(detail json.RawMessage) (Source, error) {
	var event struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key     string `json:"key"`
			Size    int64  `json:"size"`
			ETag    string `json:"etag"`
			Version string `json:"version-id"`
		} `json:"object"`
	}
	if err := json.Unmarshal(detail, &event); err != nil {
		return Source{}, fmt.Errorf("reading the event of an upload: %w", err)
	}
	source := Source{Bucket: event.Bucket.Name, Key: event.Object.Key, Version: event.Object.Version, Size: event.Object.Size}
	if source.Version == "" || source.Version == "null" {
		source.Version = strings.Trim(event.Object.ETag, `"`)
	}
	if source.Bucket == "" || source.Key == "" || source.Version == "" {
		return Source{}, errors.New("reading the event of an upload: it names no bucket, key and version")
	}
	return source, nil
}
