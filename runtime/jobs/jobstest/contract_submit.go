package jobstest

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var submitTests = []contractTest{
	{"a job is stored as asked for and announced once", func(r *rig) {
		deadline := r.clock.Now().Add(time.Hour)
		job := r.submit(func(s *jobs.Submission) {
			s.Deadline, s.Webhook, s.Metadata = deadline, "https://example.com/hook", map[string]string{"order": "7"}
		})
		require.Equal(r, jobs.Queued, job.State)
		require.Equal(r, plain(job), r.get(job))
		require.Equal(r, jobs.Normal, job.Priority)
		require.Equal(r, deadline, job.Deadline)
		require.Equal(r, jobs.Webhook{URL: "https://example.com/hook"}, job.Webhook)
		require.Equal(r, map[string]string{"order": "7"}, job.Metadata)
		require.Equal(r, jobs.Bytes("application/json", []byte(`{"page":1}`)), job.Input)
		r.announced(job)
	}},
	{"the same request under the same key is the same job", func(r *rig) {
		ask := func(s *jobs.Submission) { s.IdempotencyKey, s.Metadata = "k", map[string]string{"a": "1", "b": "2"} }
		first := r.submit(ask)
		r.announced(first)
		second, created, err := r.service.Submit(r.Context(), request(ask))
		require.NoError(r, err)
		require.False(r, created)
		require.Equal(r, plain(first), plain(second))
		// Its first message may never have been sent.
		r.announced(first)
		r.claim(first)
		_, created, err = r.service.Submit(r.Context(), request(ask))
		require.NoError(r, err)
		require.False(r, created)
		r.announced()
	}},
	{"another request under the same key is refused and changes nothing", func(r *rig) {
		first := r.submit(func(s *jobs.Submission) { s.IdempotencyKey = "k" })
		for label, change := range map[string]func(*jobs.Submission){
			"input":    func(s *jobs.Submission) { s.Input = []byte("other") },
			"large":    func(s *jobs.Submission) { s.Input = bytes.Repeat([]byte("x"), 5000) },
			"type":     func(s *jobs.Submission) { s.ContentType = "text/plain" },
			"priority": func(s *jobs.Submission) { s.Priority = jobs.Normal; s.Deadline = r.clock.Now().Add(time.Hour) },
			"webhook":  func(s *jobs.Submission) { s.Webhook = "https://example.com" },
			"metadata": func(s *jobs.Submission) { s.Metadata = map[string]string{"a": "b"} },
		} {
			_, _, err := r.service.Submit(r.Context(), request(func(s *jobs.Submission) { s.IdempotencyKey = "k"; change(s) }))
			require.ErrorIs(r, err, jobs.ErrIdempotencyConflict, label)
		}
		require.Equal(r, plain(first), r.get(first))
		r.announced(first)
	}},
	{"a refused request does not touch the input that was accepted", func(r *rig) {
		ask := func(fill string) func(*jobs.Submission) {
			return func(s *jobs.Submission) { s.IdempotencyKey, s.Input = "k", []byte(strings.Repeat(fill, 5000)) }
		}
		job := r.submit(ask("a"))
		_, _, err := r.service.Submit(r.Context(), request(ask("b")))
		require.ErrorIs(r, err, jobs.ErrIdempotencyConflict)
		require.Equal(r, strings.Repeat("a", 5000), r.blob(job.Input.BlobKey))
	}},
	{"two tenants may use the same key", func(r *rig) {
		ask := func(s *jobs.Submission) { s.IdempotencyKey = "k" }
		mine := r.submit(ask)
		theirs := r.submit(func(s *jobs.Submission) { ask(s); s.Tenant = "globex" })
		require.NotEqual(r, mine.ID, theirs.ID)
	}},
	{"of many equal requests at once one creates the job", func(r *rig) {
		created := make(chan bool, 16)
		var submits sync.WaitGroup
		for range cap(created) {
			submits.Go(func() {
				if _, fresh, err := r.service.Submit(r.Context(), request(func(s *jobs.Submission) { s.IdempotencyKey = "k" })); err == nil {
					created <- fresh
				}
			})
		}
		submits.Wait()
		close(created)
		require.Len(r, created, cap(created))
		fresh := 0
		for one := range created {
			if one {
				fresh++
			}
		}
		require.Equal(r, 1, fresh)
	}},
	{"a request repeated after its deadline still finds its job", func(r *rig) {
		deadline := r.clock.Now().Add(time.Minute)
		ask := func(s *jobs.Submission) { s.IdempotencyKey, s.Deadline = "k", deadline }
		first := r.submit(ask)
		r.clock.Advance(time.Hour)
		second, created, err := r.service.Submit(r.Context(), request(ask))
		require.NoError(r, err)
		require.False(r, created)
		require.Equal(r, first.ID, second.ID)
	}},
	{"a key is free again once its job has disappeared, with nothing left of it", func(r *rig) {
		ask := func(s *jobs.Submission) { s.IdempotencyKey = "k" }
		old := r.claim(r.submit(ask))
		_, _, err := r.runner.PutStep(r.Context(), old.Held(), "plan", jobs.Bytes("text/plain", []byte("old")))
		require.NoError(r, err)
		_, err = r.runner.Succeed(r.Context(), old.Held(), jobs.Bytes("text/plain", []byte("42")))
		require.NoError(r, err)
		r.clock.Advance(keep + time.Second)
		fresh := r.submit(ask)
		require.Equal(r, old.ID, fresh.ID)
		require.Equal(r, jobs.Queued, fresh.State)
		_, found, err := r.runner.GetStep(r.Context(), r.claim(fresh).Held(), "plan")
		require.NoError(r, err)
		require.False(r, found)
	}},
	{"a large input lives in a blob", func(r *rig) {
		job := r.submit(func(s *jobs.Submission) { s.Input = bytes.Repeat([]byte("x"), jobs.MaxSubmitInput) })
		require.Empty(r, job.Input.Inline)
		require.Equal(r, int64(jobs.MaxSubmitInput), job.Input.Size)
		require.Len(r, r.blob(job.Input.BlobKey), jobs.MaxSubmitInput)
		require.Equal(r, plain(job), r.get(job))
	}},
	{"an uploaded input is found by its slot", func(r *rig) {
		upload, err := r.service.OpenUpload(r.Context(), tenant, "image/png", 3)
		require.NoError(r, err)
		_, _, err = r.service.Submit(r.Context(), request(func(s *jobs.Submission) { s.Input, s.Upload = nil, upload.ID }))
		require.ErrorIs(r, err, jobs.ErrUploadMissing)
		require.Equal(r, 200, follow(r.T, upload.Request, "png"))
		job := r.submit(func(s *jobs.Submission) { s.Input, s.Upload = nil, upload.ID })
		require.Equal(r, int64(3), job.Input.Size)
		require.Equal(r, "image/png", job.Input.ContentType)
		require.Equal(r, "png", r.blob(job.Input.BlobKey))
		_, _, err = r.service.Submit(r.Context(), request(func(s *jobs.Submission) { s.Tenant, s.Input, s.Upload = "globex", nil, upload.ID }))
		require.ErrorIs(r, err, jobs.ErrUploadMissing)
	}},
	{"a lane that no worker has is refused and nothing stored", func(r *rig) {
		_, _, err := r.service.Submit(r.Context(), request(func(s *jobs.Submission) { s.Worker = "nobody" }))
		require.ErrorIs(r, err, jobs.ErrNoQueue)
		page, err := r.service.List(r.Context(), tenant, jobs.Filter{}, "", 0)
		require.NoError(r, err)
		require.Empty(r, page.Jobs)
	}},
	{"each wrong field is named", func(r *rig) {
		for field, change := range map[string]func(*jobs.Submission){
			"tenant":          func(s *jobs.Submission) { s.Tenant = "a/b" },
			"worker":          func(s *jobs.Submission) { s.Worker = "" },
			"priority":        func(s *jobs.Submission) { s.Priority = "urgent" },
			"Idempotency-Key": func(s *jobs.Submission) { s.IdempotencyKey = strings.Repeat("k", jobs.MaxIdempotencyKey+1) },
			"input":           func(s *jobs.Submission) { s.Input = make([]byte, jobs.MaxSubmitInput+1) },
			"upload":          func(s *jobs.Submission) { s.Input, s.Upload = nil, "../secrets" },
			"contentType":     func(s *jobs.Submission) { s.ContentType = strings.Repeat("t", jobs.MaxContentType+1) },
			"deadline":        func(s *jobs.Submission) { s.Deadline = r.clock.Now() },
			"metadata":        func(s *jobs.Submission) { s.Metadata = map[string]string{"a": strings.Repeat("b", jobs.MaxMetadata)} },
			"webhook":         func(s *jobs.Submission) { s.Webhook = "ftp://example.com" },
		} {
			_, _, err := r.service.Submit(r.Context(), request(change))
			var invalid *jobs.InvalidError
			require.ErrorAs(r, err, &invalid, field)
			require.Equal(r, field, invalid.Field)
		}
		for label, change := range map[string]func(*jobs.Submission){
			"both inputs":              func(s *jobs.Submission) { s.Upload = newID() },
			"a far deadline":           func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(jobs.MaxDeadline + time.Second) },
			"dots for a tenant":        func(s *jobs.Submission) { s.Tenant = ".." },
			"a webhook to nobody":      func(s *jobs.Submission) { s.Webhook = "https:///x" },
			"metadata that is no text": func(s *jobs.Submission) { s.Metadata = map[string]string{"a": "\xff"} },
			"a type that is no text":   func(s *jobs.Submission) { s.ContentType = "\xff" },
		} {
			_, _, err := r.service.Submit(r.Context(), request(change))
			var invalid *jobs.InvalidError
			require.ErrorAs(r, err, &invalid, label)
		}
		r.announced()
	}},
	{"an upload slot of a wrong size or type is refused", func(r *rig) {
		for _, size := range []int64{0, -1, 5<<30 + 1} {
			_, err := r.service.OpenUpload(r.Context(), tenant, "", size)
			require.ErrorContains(r, err, "size")
		}
		_, err := r.service.OpenUpload(r.Context(), tenant, strings.Repeat("t", jobs.MaxContentType+1), 1)
		require.ErrorContains(r, err, "contentType")
	}},
}

func (r *rig) blob(key string) string {
	r.Helper()
	body, _, err := r.Blobs.Get(r.Context(), key)
	require.NoError(r, err)
	defer body.Close()
	content, err := io.ReadAll(body)
	require.NoError(r, err)
	return string(content)
}
