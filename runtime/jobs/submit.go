package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Submit accepts a job: one write to the store, then one message. It returns
// false beside the job of an earlier call with the same idempotency key and the
// same request. Once it has returned without error, or was cut off after the
// write, the job runs: the sweeper finds one whose message was never sent.
//
// Errors: *InvalidError naming the field, ErrIdempotencyConflict,
// ErrUploadMissing, ErrNoQueue for an unknown worker.
func (s *Service) Submit(ctx context.Context, submission Submission) (Job, bool, error) {
	submission = submission.withDefaults()
	if err := submission.validate(s.now()); err != nil {
		// A repeated request stays answerable after its deadline has passed.
		if job, found := s.repeated(ctx, submission); found {
			return job, false, nil
		}
		return Job{}, false, err
	}
	job := s.accept(submission)
	if s.options.Lanes != nil && !slices.Contains(s.options.Lanes, job.Lane()) {
		return Job{}, false, fmt.Errorf("%s: %w", job.Lane(), ErrNoQueue)
	}
	if err := s.keepInput(ctx, &job, submission); err != nil {
		return Job{}, false, err
	}
	created := true
	if err := s.store.Create(ctx, job); err != nil {
		var existing *StateError
		if !errors.As(err, &existing) || !errors.Is(existing.Err, ErrExists) {
			return Job{}, false, fmt.Errorf("storing job %s: %w", job.ID, err)
		}
		created = false
		if !bytes.Equal(existing.Job.RequestHash, job.RequestHash) {
			return existing.Job, false, ErrIdempotencyConflict
		}
		job = existing.Job
	}
	if job.State == Queued && job.Fence == 0 {
		if err := s.queue.Send(ctx, job.Lane(), Message{ID: job.ID, Tenant: job.Tenant}, 0); err != nil {
			return job, created, fmt.Errorf("announcing job %s, which is stored: %w", job.ID, err)
		}
	}
	return job, created, nil
}

func (s *Service) accept(submission Submission) Job {
	now := s.now()
	job := Job{
		Tenant: submission.Tenant, Worker: submission.Worker, Priority: submission.Priority,
		State: Queued, Revision: 1, WriteToken: s.options.IDs.NewToken(), RequestHash: hashRequest(submission),
		Deadline: submission.Deadline.UTC().Truncate(time.Millisecond),
		Created:  now, Updated: now, QueuedAt: now,
		Webhook:  Webhook{URL: submission.Webhook},
		Metadata: submission.Metadata,
	}
	if submission.IdempotencyKey == "" {
		job.ID = s.options.IDs.NewID()
	} else {
		job.ID = IdempotentID(submission.Tenant, submission.IdempotencyKey)
	}
	return job
}

// keepInput puts the input where it belongs: into the job while both stay
// small, else under a key of its own.
func (s *Service) keepInput(ctx context.Context, job *Job, submission Submission) error {
	if submission.Upload != "" {
		key := uploadKey(submission.Tenant, submission.Upload)
		info, err := s.blobs.Head(ctx, key)
		if errors.Is(err, ErrNoBlob) {
			return ErrUploadMissing
		}
		if err != nil {
			return fmt.Errorf("looking at upload %s: %w", submission.Upload, err)
		}
		contentType := submission.ContentType
		if contentType == "" {
			contentType = truncate(info.ContentType, MaxContentType)
		}
		job.Input = Blob(contentType, key, info.Size)
		return nil
	}
	job.Input = Bytes(submission.ContentType, submission.Input)
	if job.room() >= 0 {
		return nil
	}
	key := inputKey(job.Tenant, job.ID, job.RequestHash)
	_, err := s.blobs.Put(ctx, key, bytes.NewReader(submission.Input),
		PutOptions{ContentType: submission.ContentType, Size: int64(len(submission.Input))})
	if err != nil {
		return fmt.Errorf("storing the input of job %s: %w", job.ID, err)
	}
	job.Input = Blob(submission.ContentType, key, int64(len(submission.Input)))
	return nil
}

// repeated looks for the job of an earlier, equal request.
func (s *Service) repeated(ctx context.Context, submission Submission) (Job, bool) {
	if submission.IdempotencyKey == "" {
		return Job{}, false
	}
	job, err := s.Get(ctx, submission.Tenant, IdempotentID(submission.Tenant, submission.IdempotencyKey))
	if err != nil || !bytes.Equal(job.RequestHash, hashRequest(submission)) {
		return Job{}, false
	}
	return job, true
}
