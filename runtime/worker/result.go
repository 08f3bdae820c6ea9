package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
)

// storageError means that an input could not be read or a result not be
// stored. It is nobody's failure: the job goes back to the queue.
type storageError struct{ cause error }

func (e *storageError) Error() string { return e.cause.Error() }
func (e *storageError) Unwrap() error { return e.cause }

// invoke streams the input into the container and its answer to where results are kept.
func (w *Worker) invoke(a *attempt) (jobs.Payload, error) {
	input, err := w.open(a.work, a.job.Input)
	if err != nil {
		return jobs.Payload{}, err
	}
	defer input.Close()
	answer, err := w.options.Container.Invoke(a.work, container.Call{
		Job: a.job.ID, Attempt: a.job.Fence, Tenant: a.job.Tenant, API: w.options.API,
		Deadline: a.started.Add(w.options.Timeout), ContentType: a.job.Input.ContentType,
		Input: input, InputSize: a.job.Input.Size, Stop: a.session.Stopping(),
	})
	if err != nil {
		return jobs.Payload{}, err
	}
	if answer, err = asCompletion(a.job, answer); err != nil {
		return jobs.Payload{}, err
	}
	defer answer.Body.Close()
	return w.store(a, answer)
}

// open returns the input; one from a store tells its failures from others.
func (w *Worker) open(ctx context.Context, input jobs.Payload) (io.ReadCloser, error) {
	if input.BlobKey == "" {
		return io.NopCloser(bytes.NewReader(input.Inline)), nil
	}
	body, _, err := w.options.Blobs.Get(ctx, input.BlobKey)
	if err != nil {
		return nil, &storageError{fmt.Errorf("opening the input: %w", err)}
	}
	return &inputBody{ReadCloser: body}, nil
}

type inputBody struct{ io.ReadCloser }

func (b *inputBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = &storageError{err}
	}
	return n, err
}

// store keeps a small result for the commit itself and streams a larger one.
func (w *Worker) store(a *attempt, answer container.Answer) (jobs.Payload, error) {
	contentType := answer.ContentType
	if len(contentType) > jobs.MaxContentType {
		contentType = "application/octet-stream"
	}
	body := &answerBody{body: answer.Body}
	head, err := io.ReadAll(io.LimitReader(body, jobs.InlineResult+1))
	if err != nil {
		return jobs.Payload{}, err
	}
	if len(head) <= jobs.InlineResult {
		return jobs.Bytes(contentType, head), nil
	}
	info, err := w.options.Blobs.Put(a.work, jobs.ResultKey(a.job), io.MultiReader(bytes.NewReader(head), body),
		jobs.PutOptions{ContentType: contentType, Size: answer.Size})
	switch {
	case body.err != nil:
		return jobs.Payload{}, body.err
	case err != nil:
		return jobs.Payload{}, &storageError{fmt.Errorf("storing the result: %w", err)}
	}
	return jobs.Blob(contentType, info.Key, info.Size), nil
}

// answerBody remembers how the container's answer broke off, whatever the
// store makes of it.
type answerBody struct {
	body io.Reader
	err  error
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// stoppedBy says whether a container that went away was stopped with its task
// or host rather than crashed. The worker may hear of that a moment later than
// the container; and a crash makes ECS stop the worker too.
func (w *Worker) stoppedBy(ctx context.Context, a *attempt) bool {
	if _, told := a.session.Stopped(); told {
		return true
	}
	timer := time.NewTimer(w.options.LossGrace)
	defer timer.Stop()
	told := false
	select {
	case <-a.session.Stopping():
		told = true
	case <-timer.C:
	case <-ctx.Done():
	}
	if w.options.Task == nil {
		return told
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	task, err := w.options.Task.Task(ctx)
	if err != nil {
		return told
	}
	return !task.Crashed() && (told || task.Stopping())
}

// unreachable says whether the container was gone.
func unreachable(err error) bool {
	var gone *container.Unreachable
	return errors.As(err, &gone)
}
