package apiclient

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"tandem/runtime/httpapi/api"
)

// ErrNoResult says that a job has not succeeded.
var ErrNoResult = errors.New("the job has no result")

// Download writes the result of a job to a writer and returns how many bytes it
// has. A download that is cut goes on where it was, with a fresh link.
// Progress is told how many bytes have come; nil for nobody.
func (c *Client) Download(ctx context.Context, job api.Job, to io.Writer, progress func(int64)) (int64, error) {
	if job.State != api.JobStateSucceeded {
		return 0, fmt.Errorf("job %s is %s: %w", job.ID, job.State, ErrNoResult)
	}
	if job.Result.URL == "" {
		inline, err := inlineResult(job.Result)
		if err != nil {
			return 0, fmt.Errorf("reading the result of job %s: %w", job.ID, err)
		}
		n, err := to.Write(inline)
		return int64(n), err
	}
	d := &download{client: c, to: &counted{tell: progress}, out: to, size: job.Result.Size}
	for failures := 0; ; {
		before := d.to.done
		err := d.next(ctx, job.Result.URL)
		switch {
		case err == nil:
			return d.to.done, nil
		case ctx.Err() != nil:
			return d.to.done, ctx.Err()
		case d.writeFailed:
			return d.to.done, err
		}
		if failures++; d.to.done > before {
			failures = 1
		}
		if failures > c.retries || !pause(ctx, c.wait<<min(failures, 5)) {
			return d.to.done, fmt.Errorf("downloading the result of job %s: %w", job.ID, err)
		}
		if job, err = c.Job(ctx, job.ID, 0); err != nil {
			return d.to.done, err
		}
	}
}

func inlineResult(result api.Result) ([]byte, error) {
	if result.Base64 != "" {
		return base64.StdEncoding.DecodeString(result.Base64)
	}
	return result.Value, nil
}

// download is one result on its way.
type download struct {
	client      *Client
	to          *counted
	out         io.Writer
	size        int64
	writeFailed bool
}

// next asks for what is still missing.
func (d *download) next(ctx context.Context, link string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return err
	}
	offset := d.to.done
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	response, err := d.client.stream.Do(request)
	if err != nil {
		return unreachable(ctx, link, err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusPartialContent && offset > 0 &&
		strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset)):
	case response.StatusCode == http.StatusOK:
		// Without ranges it begins anew: what is there already is skipped.
		if _, err := io.CopyN(io.Discard, response.Body, offset); err != nil {
			return err
		}
	default:
		return refused(response)
	}
	d.to.Reader = cutWhenSilent(response.Body, cancel)
	_, err = io.Copy(writer{d}, d.to)
	if err == nil && d.to.done < d.size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// writer tells a failed write, which no repetition helps, from a failed read.
type writer struct{ *download }

// Write implements io.Writer.
func (w writer) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.writeFailed = err != nil
	return n, err
}
