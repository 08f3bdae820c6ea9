package localapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// cleanupLimit bounds the removal of a blob that nothing points at any more.
// One that stays is removed by the bucket's lifecycle.
const cleanupLimit = 10 * time.Second

// checkpoints serialises saving: which one is last must be clear.
type checkpoints struct {
	mutex sync.Mutex
	count int
	// previous is the blob of the job's last checkpoint, once that is known.
	previous string
	known    bool
}

func (s *Session) putCheckpoint(w http.ResponseWriter, r *http.Request) error {
	s.checkpoints.mutex.Lock()
	defer s.checkpoints.mutex.Unlock()
	ctx := r.Context()
	if err := s.findPrevious(ctx); err != nil {
		return err
	}
	s.checkpoints.count++
	key := jobs.CheckpointKey(s.job, s.checkpoints.count)
	payload, err := s.store(ctx, r, key)
	if err != nil {
		return err
	}
	if err := s.options.Trail.SaveCheckpoint(ctx, s.held, payload); err != nil {
		s.discard(ctx, payload.BlobKey)
		return fmt.Errorf("committing the checkpoint: %w", err)
	}
	s.discard(ctx, s.checkpoints.previous)
	s.checkpoints.previous = payload.BlobKey
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"size": payload.Size, "number": s.checkpoints.count})
	return nil
}

// findPrevious learns which blob the next checkpoint replaces.
func (s *Session) findPrevious(ctx context.Context) error {
	if s.checkpoints.known || s.held.Fence == 1 {
		return nil
	}
	last, found, err := s.options.Trail.LastCheckpoint(ctx, s.held)
	if err != nil {
		return fmt.Errorf("looking for the last checkpoint: %w", err)
	}
	s.checkpoints.known = true
	if found {
		s.checkpoints.previous = last.Data.BlobKey
	}
	return nil
}

func (s *Session) getCheckpoint(w http.ResponseWriter, r *http.Request) error {
	last, found, err := s.options.Trail.LastCheckpoint(r.Context(), s.held)
	if err != nil {
		return fmt.Errorf("looking for the last checkpoint: %w", err)
	}
	if !found {
		return problem{Status: http.StatusNotFound, Detail: "the job has no checkpoint yet"}
	}
	w.Header().Set("X-Tandem-Saved", last.Saved.UTC().Format(time.RFC3339Nano))
	w.Header().Set("X-Tandem-Saved-By", strconv.FormatInt(last.Fence, 10))
	return s.send(w, r, last.Data)
}

// store keeps a body of any size: small ones inline, others under key.
func (s *Session) store(ctx context.Context, r *http.Request, key string) (jobs.Payload, error) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" || len(contentType) > jobs.MaxContentType {
		contentType = "application/octet-stream"
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, jobs.InlineStep+1))
	if err != nil {
		return jobs.Payload{}, problem{Status: http.StatusBadRequest, Detail: "the body broke off; nothing was stored"}
	}
	if len(head) <= jobs.InlineStep {
		return jobs.Bytes(contentType, head), nil
	}
	body := &wholeBody{reader: io.MultiReader(bytes.NewReader(head), r.Body)}
	info, err := s.options.Blobs.Put(ctx, key, body, jobs.PutOptions{ContentType: contentType, Size: r.ContentLength})
	switch {
	case body.broken:
		return jobs.Payload{}, problem{Status: http.StatusBadRequest, Detail: "the body broke off; nothing was stored"}
	case err != nil:
		return jobs.Payload{}, fmt.Errorf("storing %s: %w", key, err)
	}
	return jobs.Blob(contentType, key, info.Size), nil
}

// send streams a payload.
func (s *Session) send(w http.ResponseWriter, r *http.Request, payload jobs.Payload) error {
	w.Header().Set("Content-Type", payload.ContentType)
	w.Header().Set("Content-Length", strconv.FormatInt(payload.Size, 10))
	if payload.BlobKey == "" || r.Method == http.MethodHead {
		_, err := w.Write(payload.Inline)
		return ignore(err)
	}
	body, _, err := s.options.Blobs.Get(r.Context(), payload.BlobKey)
	if err != nil {
		w.Header().Del("Content-Length")
		return fmt.Errorf("reading %s: %w", payload.BlobKey, err)
	}
	defer body.Close()
	if _, err := io.Copy(w, body); err != nil {
		// The status is sent: only a cut connection says that this is not the whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// ignore drops the error of a caller that has gone.
func ignore(error) error { return nil }

func (s *Session) discard(ctx context.Context, key string) {
	if key == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	_ = s.options.Blobs.Delete(ctx, key)
}

// wholeBody remembers that a container broke off, whatever the store makes of it.
type wholeBody struct {
	reader io.Reader
	broken bool
}

func (b *wholeBody) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	if err != nil && err != io.EOF {
		b.broken = true
	}
	return n, err
}
