package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/fault"
)

// A short run. It takes most of a minute, nearly all of it waiting: the jobs of
// a worker that is killed wait until its lease has ended, as in production.
func TestNothingIsLostOrDoneTwiceWhileProcessesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for leases of 30 s to end")
	}
	checkout.Need(t, checkout.Ministack)
	t.Parallel()
	options := fault.Options{Jobs: 60, Kills: 8, Seed: 1, Workers: 4, APIs: 2, Timeout: 10 * time.Second, PollWait: 5 * time.Second,
		Folder: t.TempDir(), Out: t.Output()}
	verdict, err := fault.Run(t.Context(), options)
	require.NoError(t, err)
	require.Empty(t, verdict.Violations)
	require.Equal(t, 8, verdict.Kills)
	require.GreaterOrEqual(t, verdict.Accepted, 55, "but for callers who gave up")
	require.GreaterOrEqual(t, verdict.Figures.Commits, 50)
	require.Positive(t, verdict.Figures.Waited, "no worker was killed with a job")
	require.Positive(t, verdict.Figures.TakenOver)
	require.Contains(t, verdict.Line(options), "PASS: ")
}

func TestAViolationIsAFailure(t *testing.T) {
	verdict := fault.Verdict{Violations: []string{"job 1 was committed twice"}, Accepted: 5, Kills: 2}
	require.Equal(t, "FAIL: 1 violations in 5 jobs with 2 kills, seed 3", verdict.Line(fault.Options{Seed: 3}))
}
