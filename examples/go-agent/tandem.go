package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// errOver means that this attempt at the job has ended: it runs elsewhere, or
// is cancelled.
var errOver = errors.New("this attempt at the job is over")

// job is the client of the worker's local API, for one attempt. It is made to
// be copied; docs/local-api.md describes the calls.
type job struct {
	api, id, attempt string
	client           *http.Client
}

// jobOf reads the headers of an invocation.
func jobOf(header http.Header) *job {
	return &job{
		api: header.Get("X-Tandem-Api"), id: header.Get("X-Tandem-Job"), attempt: header.Get("X-Tandem-Attempt"),
		client: &http.Client{Timeout: 5 * time.Minute},
	}
}

// step returns the stored result of a step, or runs it and stores what it
// returns. A step that was stored is never run again, in whatever attempt.
func step[T any](ctx context.Context, j *job, key string, run func(context.Context) (T, error)) (result T, err error) {
	path := "/steps/" + url.PathEscape(key)
	stored, found, err := j.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return result, err
	}
	if !found {
		if result, err = run(ctx); err != nil {
			return result, err
		}
		raw, err := json.Marshal(result)
		if err != nil {
			return result, fmt.Errorf("encoding step %s: %w", key, err)
		}
		stored, _, err = j.call(ctx, http.MethodPut, path, raw)
		if err != nil || len(stored) == 0 {
			return result, err
		}
		// Another attempt was faster: its result is the one that counts.
	}
	return result, json.Unmarshal(stored, &result)
}

// save replaces the job's checkpoint.
func (j *job) save(ctx context.Context, data []byte) error {
	_, _, err := j.call(ctx, http.MethodPut, "/checkpoint", data)
	return err
}

// load returns the last checkpoint, if there is one.
func (j *job) load(ctx context.Context) ([]byte, bool, error) {
	return j.call(ctx, http.MethodGet, "/checkpoint", nil)
}

// progress tells whoever watches the job how far it is, from 0 to 100.
func (j *job) progress(ctx context.Context, percent float64, message string) error {
	raw, err := json.Marshal(map[string]any{"percent": percent, "message": message})
	if err != nil {
		return err
	}
	_, _, err = j.call(ctx, http.MethodPut, "/progress", raw)
	return err
}

// stopping says whether the agent should save what it has and end.
func (j *job) stopping(ctx context.Context) (bool, error) {
	answer, _, err := j.call(ctx, http.MethodGet, "/stop", nil)
	return len(answer) > 0, err
}

// call returns the answer, and false where there is none. A store that has a
// moment is asked again.
func (j *job) call(ctx context.Context, method, path string, body []byte) ([]byte, bool, error) {
	for try := 0; ; try++ {
		request, err := http.NewRequestWithContext(ctx, method, j.api+path, bytes.NewReader(body))
		if err != nil {
			return nil, false, err
		}
		request.Header.Set("X-Tandem-Job", j.id)
		request.Header.Set("X-Tandem-Attempt", j.attempt)
		response, err := j.client.Do(request)
		if err != nil {
			return nil, false, err
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		switch status := response.StatusCode; {
		case err != nil:
			return nil, false, err
		case status >= 200 && status <= 299:
			return answer, true, nil
		case status == http.StatusNotFound:
			return nil, false, nil
		case status == http.StatusConflict:
			return nil, false, errOver
		case status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests || try == 8:
			return nil, false, fmt.Errorf("%s %s: %d %s", method, path, status, answer)
		}
		select {
		case <-time.After(time.Second << min(try, 4) / 4):
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}
