package joboverflow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/joboverflow"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

// finder has one job, or none.
type finder struct {
	job jobs.Job
	err error
}

func (f finder) Get(_ context.Context, tenant, _ string) (jobs.Job, error) {
	if tenant != joboverflow.Tenant {
		return jobs.Job{}, jobs.ErrNotFound
	}
	return f.job, f.err
}

func TestHowAJobEnded(t *testing.T) {
	blobs := memory.NewBlobs("http://blobs.test")
	_, err := blobs.Put(t.Context(), "results/r", strings.NewReader("large"), jobs.PutOptions{ContentType: "text/plain"})
	require.NoError(t, err)
	succeeded := func(result jobs.Payload) jobs.Job {
		return jobs.Job{Worker: "analyser", State: jobs.Succeeded, Result: result}
	}
	for name, test := range map[string]struct {
		finder finder
		want   *documents.JobEnd
	}{
		"it waits":           {finder{job: jobs.Job{State: jobs.Queued}}, nil},
		"it runs":            {finder{job: jobs.Job{State: jobs.Running}}, nil},
		"a small result":     {finder{job: succeeded(jobs.Bytes("application/json", []byte(`{}`)))}, &documents.JobEnd{Worker: "analyser", Content: []byte(`{}`), ContentType: "application/json"}},
		"a large result":     {finder{job: succeeded(jobs.Blob("text/plain", "results/r", 5))}, &documents.JobEnd{Worker: "analyser", Content: []byte("large"), ContentType: "text/plain"}},
		"a huge result":      {finder{job: succeeded(jobs.Blob("text/plain", "results/r", 101))}, &documents.JobEnd{Worker: "analyser", ContentType: "text/plain", Failure: "the job's result has 101 bytes, more than 100; it is kept with the job"}},
		"a result is gone":   {finder{job: succeeded(jobs.Blob("text/plain", "results/gone", 5))}, &documents.JobEnd{Failure: "the job's result is gone"}},
		"it failed":          {finder{job: jobs.Job{Worker: "analyser", State: jobs.Failed, Failure: jobs.Failure{Code: "timeout", Message: "1 h"}}}, &documents.JobEnd{Worker: "analyser", Failure: "the job failed: timeout: 1 h"}},
		"it was cancelled":   {finder{job: jobs.Job{Worker: "analyser", State: jobs.Cancelled}}, &documents.JobEnd{Worker: "analyser", Failure: "the job is cancelled"}},
		"it is gone":         {finder{err: jobs.ErrNotFound}, &documents.JobEnd{Failure: "the job is gone"}},
		"it was redriven":    {finder{job: jobs.Job{State: jobs.Queued, Failure: jobs.Failure{Code: "timeout"}}}, nil},
		"it is past its end": {finder{job: jobs.Job{Worker: "analyser", State: jobs.Expired, Deadline: time.Unix(1, 0)}}, &documents.JobEnd{Worker: "analyser", Failure: "the job is expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			end, err := joboverflow.Ends{Jobs: test.finder, Blobs: blobs}.End(t.Context(), "j", 100)
			require.NoError(t, err)
			require.Equal(t, test.want, end)
		})
	}
	_, err = joboverflow.Ends{Jobs: finder{err: errors.New("throttled")}}.End(t.Context(), "j", 100)
	require.ErrorContains(t, err, "reading job j: throttled")
}
