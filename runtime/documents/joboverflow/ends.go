package joboverflow

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tandem/runtime/documents"
	"tandem/runtime/jobs"
)

// Finder reads a job; jobs.Service.
type Finder interface {
	Get(ctx context.Context, tenant, id string) (jobs.Job, error)
}

// Blobs reads results; the part of jobs.Blobs that is used.
type Blobs interface {
	Get(ctx context.Context, key string) (io.ReadCloser, jobs.BlobInfo, error)
}

// Ends implements documents.JobEnds.
type Ends struct {
	Jobs  Finder
	Blobs Blobs
}

var _ documents.JobEnds = Ends{}

// End implements documents.JobEnds.
func (e Ends) End(ctx context.Context, id string, limit int64) (*documents.JobEnd, error) {
	job, err := e.Jobs.Get(ctx, Tenant, id)
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return &documents.JobEnd{Failure: "the job is gone"}, nil
	case err != nil:
		return nil, fmt.Errorf("reading job %s: %w", id, err)
	case !job.State.Terminal():
		return nil, nil
	}
	end := &documents.JobEnd{Worker: job.Worker, ContentType: job.Result.ContentType, Content: job.Result.Inline}
	switch {
	case job.State == jobs.Failed:
		end.Failure = fmt.Sprintf("the job failed: %s: %s", job.Failure.Code, job.Failure.Message)
	case job.State != jobs.Succeeded:
		end.Failure = "the job is " + string(job.State)
	case job.Result.Size > limit:
		end.Failure = fmt.Sprintf("the job's result has %d bytes, more than %d; it is kept with the job", job.Result.Size, limit)
	case job.Result.BlobKey != "":
		end.Content, err = e.read(ctx, job.Result.BlobKey, limit)
	}
	if errors.Is(err, jobs.ErrNoBlob) {
		return &documents.JobEnd{Failure: "the job's result is gone"}, nil
	}
	return end, err
}

func (e Ends) read(ctx context.Context, key string, limit int64) ([]byte, error) {
	body, _, err := e.Blobs.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("reading the result %s: %w", key, err)
	}
	defer func() { _ = body.Close() }()
	content, err := io.ReadAll(io.LimitReader(body, limit))
	if err != nil {
		return nil, fmt.Errorf("reading the result %s: %w", key, err)
	}
	return content, nil
}
