package jobs_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

// What many workers do to one job at once must look as if they had done it one
// after another, each by the rules. The rules are the model.
func TestConcurrentWritesToAJobAreLinearizableInMemory(t *testing.T) {
	for seed := range uint64(50) {
		requireLinearizable(t, memory.NewStore(), seed, 6, 40)
	}
}

func TestConcurrentWritesToAJobAreLinearizableOnTheEmulator(t *testing.T) {
	store := newStore(t, steady(emulator.ForTest(t, emulator.Options{}).Config()))
	for seed := range uint64(4) {
		requireLinearizable(t, store, seed, 4, 15)
	}
}

func TestConcurrentWritesToAJobAreLinearizableOnDynamoDBLocal(t *testing.T) {
	store := newStore(t, aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(dynamolocal.Start(t)), HTTPClient: steadyhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	for seed := range uint64(4) {
		requireLinearizable(t, store, seed, 4, 15)
	}
}

// call is one of the operations with its argument; outcome is what came of it.
type call struct {
	claim   *jobs.Claim
	renewal *jobs.Renewal
	commit  *jobs.Commit
	replace *jobs.Job
}

type outcome struct {
	refused bool
	// job that the operation left behind or that refused it.
	job jobs.Job
}

func requireLinearizable(t *testing.T, store jobs.Store, seed uint64, workers, calls int) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	job := jobs.Job{ID: uuid.NewString(), Tenant: "acme", Worker: "w", Priority: jobs.Normal,
		State: jobs.Queued, Revision: 1, Created: now, Updated: now, QueuedAt: now}
	require.NoError(t, store.Create(t.Context(), job))

	var (
		mu      sync.Mutex
		history []porcupine.Operation
		group   sync.WaitGroup
		start   = time.Now()
	)
	for worker := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			seen := job
			for n := range calls {
				next := nextCall(random, seen, now, strconv.Itoa(worker)+"-"+strconv.Itoa(n))
				called := time.Since(start)
				result, err := do(t.Context(), store, next)
				returned := time.Since(start)
				if err != nil {
					t.Errorf("worker %d: %v", worker, err)
					return
				}
				seen = result.job
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: worker, Input: next, Call: int64(called), Output: result, Return: int64(returned)})
				mu.Unlock()
			}
		})
	}
	group.Wait()
	require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(model(job), history, time.Minute), "seed %d", seed)
}

// nextCall picks what a worker does that saw the job as it was: often something
// that makes sense, at times something that does not any more.
func nextCall(random *rand.Rand, seen jobs.Job, now time.Time, token string) call {
	now = now.Add(time.Duration(random.IntN(20)) * time.Second)
	switch random.IntN(8) {
	case 0, 1, 2:
		return call{claim: &jobs.Claim{ID: seen.ID, Owner: "task/1", Token: token, Now: now, Until: now.Add(jobs.LeaseFor), MaxInterruptions: 1000}}
	case 3, 4:
		return call{renewal: &jobs.Renewal{Held: seen.Held(), Now: now, Until: now.Add(jobs.LeaseFor)}}
	case 5:
		return call{commit: &jobs.Commit{Held: seen.Held(), Token: token, Now: now, Result: jobs.Bytes("text/plain", []byte(token)), ExpiresAt: now.Truncate(time.Second)}}
	default:
		// Gives the job back, so that the history goes on.
		next := seen
		next.Revision++
		next.State, next.Lease, next.WriteToken = jobs.Queued, jobs.Lease{}, token
		next.Finished, next.ExpiresAt, next.Result, next.CommitToken = time.Time{}, time.Time{}, jobs.Payload{}, ""
		return call{replace: &next}
	}
}

func do(ctx context.Context, store jobs.Store, c call) (outcome, error) {
	var job jobs.Job
	var err error
	switch {
	case c.claim != nil:
		job, err = store.Claim(ctx, *c.claim)
	case c.renewal != nil:
		job, err = store.Renew(ctx, *c.renewal)
	case c.commit != nil:
		job, err = store.Commit(ctx, *c.commit)
	default:
		job, err = *c.replace, store.Replace(ctx, *c.replace)
	}
	var refused *jobs.StateError
	if errors.As(err, &refused) {
		return outcome{refused: true, job: refused.Job}, nil
	}
	return outcome{job: job}, err
}

func model(initial jobs.Job) porcupine.Model {
	return porcupine.Model{
		Init:  func() any { return initial },
		Equal: func(a, b any) bool { return same(a.(jobs.Job), b.(jobs.Job)) },
		Step: func(state, input, output any) (bool, any) {
			job, c, got := state.(jobs.Job), input.(call), output.(outcome)
			var next jobs.Job
			var allowed bool
			switch {
			case c.claim != nil:
				next, allowed = job.Claimed(*c.claim), job.Claimable(*c.claim)
			case c.renewal != nil:
				next, allowed = job.Renewed(*c.renewal), job.Holds(c.renewal.Held)
			case c.commit != nil:
				next, allowed = job.Committed(*c.commit), job.Holds(c.commit.Held)
			default:
				next, allowed = *c.replace, job.Revision == c.replace.Revision-1
			}
			if !allowed {
				return got.refused && same(got.job, job), job
			}
			return !got.refused && same(got.job, next), next
		},
	}
}

func same(a, b jobs.Job) bool { return reflect.DeepEqual(a, b) }
