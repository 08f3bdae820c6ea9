package joboverflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/joboverflow"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

func TestADocumentBecomesOneJob(t *testing.T) {
	store := memory.NewStore()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: memory.NewQueue(), Blobs: memory.NewBlobs("http://blobs.test")})
	overflow := joboverflow.Overflow{Jobs: service, Worker: "analyser"}
	source := documents.Source{Bucket: "data", Key: "a.pdf", Version: "v1"}
	first, err := overflow.Submit(t.Context(), source, 0, json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	again, err := overflow.Submit(t.Context(), source, 0, json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	require.Equal(t, first, again)
	source.Version = "v2"
	other, err := overflow.Submit(t.Context(), source, 0, json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	require.NotEqual(t, first, other)

	reopened, err := overflow.Submit(t.Context(), source, 1, json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	require.NotEqual(t, other, reopened, "a redrive is not answered with the job that failed")

	job, err := service.Get(t.Context(), joboverflow.Tenant, first)
	require.NoError(t, err)
	require.Equal(t, "analyser", job.Worker)
	require.JSONEq(t, `{"a":1}`, string(job.Input.Inline))
}

// submitter answers with what it is told.
type submitter struct {
	job jobs.Job
	err error
}

func (s submitter) Submit(context.Context, jobs.Submission) (jobs.Job, bool, error) {
	return s.job, true, s.err
}

func TestAJobThatIsStoredCountsEvenIfItCouldNotBeAnnounced(t *testing.T) {
	overflow := joboverflow.Overflow{Jobs: submitter{jobs.Job{ID: "j"}, errors.New("SQS is away")}, Worker: "w"}
	id, err := overflow.Submit(t.Context(), documents.Source{}, 0, nil)
	require.NoError(t, err)
	require.Equal(t, "j", id)
	overflow.Jobs = submitter{jobs.Job{}, errors.New("throttled")}
	_, err = overflow.Submit(t.Context(), documents.Source{}, 0, nil)
	require.ErrorContains(t, err, "worker w: throttled")
}
