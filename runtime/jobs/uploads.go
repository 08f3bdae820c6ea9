package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"unicode/utf8"
)

// Upload is a slot for one large input.
type Upload struct {
	// ID to name in [Submission.Upload].
	ID string
	// Request that the caller sends with the content.
	Request SignedRequest
}

// OpenUpload gives out a slot for an input of exactly size bytes.
// Errors: *InvalidError naming size or contentType.
func (s *Service) OpenUpload(ctx context.Context, tenant, contentType string, size int64) (Upload, error) {
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	switch {
	case !validTenant(tenant):
		return Upload{}, &InvalidError{Field: "tenant", Reason: "is not a tenant's name"}
	case size < 1 || size > s.options.MaxUpload:
		return Upload{}, &InvalidError{Field: "size", Reason: fmt.Sprintf("must be 1 to %d bytes", s.options.MaxUpload)}
	case len(contentType) > MaxContentType || !utf8.ValidString(contentType):
		return Upload{}, &InvalidError{Field: "contentType", Reason: fmt.Sprintf("must be at most %d bytes", MaxContentType)}
	}
	id := s.options.IDs.NewID()
	request, err := s.blobs.PresignPut(ctx, uploadKey(tenant, id), contentType, size, s.options.LinkValid)
	if err != nil {
		return Upload{}, fmt.Errorf("signing an upload: %w", err)
	}
	return Upload{ID: id, Request: request}, nil
}

// StoreUpload keeps an input for a caller who sent it along, though it is too
// large for [Service.Submit], and returns the id to name in [Submission.Upload].
// The same content has the same id, so that a repeated request is the same one.
func (s *Service) StoreUpload(ctx context.Context, tenant, contentType string, content []byte) (string, error) {
	if !validTenant(tenant) {
		return "", &InvalidError{Field: "tenant", Reason: "is not a tenant's name"}
	}
	sum := sha256.Sum256(content)
	id := IdempotentID(tenant, "upload:"+contentType+":"+string(sum[:]))
	_, err := s.blobs.Put(ctx, uploadKey(tenant, id), bytes.NewReader(content), PutOptions{ContentType: contentType, Size: int64(len(content))})
	if err != nil {
		return "", fmt.Errorf("storing an input of %d bytes: %w", len(content), err)
	}
	return id, nil
}

// Link makes a download link of a payload that lives in a blob.
func (s *Service) Link(ctx context.Context, payload Payload) (SignedRequest, error) {
	if payload.BlobKey == "" {
		return SignedRequest{}, ErrNoBlob
	}
	return s.blobs.PresignGet(ctx, payload.BlobKey, s.options.LinkValid)
}

// Steps lists the memoised steps of the tenant's job in the order of their
// keys, after a key, up to limit.
func (s *Service) Steps(ctx context.Context, tenant, id, after string, limit int) ([]Step, error) {
	job, err := s.Get(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	return s.store.ListSteps(ctx, job.Held(), after, limit)
}

// Events lists partial output of the tenant's job after a position, up to limit.
func (s *Service) Events(ctx context.Context, tenant, id string, after EventPosition, limit int) ([]Event, error) {
	job, err := s.Get(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	return s.store.ListEvents(ctx, job.Held(), after, limit)
}
