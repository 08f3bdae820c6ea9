package apiclient

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"

	"tandem/runtime/httpapi/api"
)

// Input is something large to upload.
type Input struct {
	// Content is read from its beginning each time that the upload is tried.
	Content io.ReaderAt
	// Size in bytes.
	Size int64
	// ContentType; empty is application/octet-stream.
	ContentType string
	// Progress is told how many bytes have been sent. Defaults to nobody.
	Progress func(sent int64)
}

// Upload puts an input into an upload slot and returns its id, to be named when
// the job is submitted.
func (c *Client) Upload(ctx context.Context, input Input) (string, error) {
	request := api.UploadRequest{Size: input.Size}
	if input.ContentType != "" {
		request.ContentType = &input.ContentType
	}
	var slot api.Upload
	if err := c.call(ctx, http.MethodPost, "/v1/uploads", nil, request, &slot); err != nil {
		return "", fmt.Errorf("asking for an upload slot: %w", err)
	}
	if err := c.send(ctx, slot, input); err != nil {
		return "", fmt.Errorf("uploading %d bytes: %w", input.Size, err)
	}
	return slot.ID, nil
}

func (c *Client) send(ctx context.Context, slot api.Upload, input Input) error {
	body := retryablehttp.ReaderFunc(func() (io.Reader, error) {
		return &counted{Reader: io.NewSectionReader(input.Content, 0, input.Size), tell: input.Progress}, nil
	})
	request, err := retryablehttp.NewRequestWithContext(ctx, string(slot.Method), slot.URL, body)
	if err != nil {
		return err
	}
	for name, value := range slot.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Del("Content-Length")
	request.ContentLength = input.Size
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(ctx, slot.URL, err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return refused(response)
	}
	return nil
}
