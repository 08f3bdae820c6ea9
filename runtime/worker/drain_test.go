package worker_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/nodestatus"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
	"tandem/runtime/worker/ecstask"
)

func TestSIGTERMGivesTheJobBackAtOnceWhenTheContainerStops(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(yields())
		id := b.submitOne("x")
		after(time.Minute)
		heir := echo()
		b.start(heir)
		after(time.Minute)
		w.sigterm()
		after(time.Second)
		require.NoError(t, w.ended())
		require.Equal(t, []string{id}, heir.seen(), "made visible at once, not when it would have come up by itself")
		job := b.job(id)
		require.Equal(t, jobs.Succeeded, job.State)
		require.Equal(t, 1, job.Interruptions)
		require.Equal(t, 1, job.Attempts, "an interruption is not a failure")
	})
}

func TestSIGTERMGivesTheContainerTheStopTimeoutAndNoMore(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var cut guarded[time.Time]
		w := b.start(does(func(ctx context.Context, _ container.Call) (string, error) {
			<-ctx.Done()
			cut.set(time.Now())
			return "", context.Cause(ctx)
		}))
		id := b.submitOne("x")
		after(time.Minute)
		signalled := time.Now()
		w.sigterm()
		after(84 * time.Second)
		require.True(t, cut.get().IsZero())
		require.NoError(t, w.ended())
		require.Equal(t, 85*time.Second, cut.get().Sub(signalled))
		require.Less(t, time.Since(signalled), 90*time.Second, "gone before ECS kills it")
		require.Equal(t, jobs.Queued, b.job(id).State)
	})
}

func TestAJobThatFinishesWhileTheWorkerDrainsIsCommitted(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(takes(2 * time.Minute))
		id := b.submitOne("x")
		after(time.Minute)
		w.sigterm()
		require.NoError(t, w.ended())
		require.Equal(t, jobs.Succeeded, b.job(id).State)
	})
}

func TestACommandsSuccessAfterSIGTERMIsNotAResult(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		half := does(func(_ context.Context, call container.Call) (string, error) { <-call.Stop; return "half", nil })
		w := b.start(half, func(o *worker.Options) { o.Exec = true })
		id := b.submitOne("x")
		after(time.Minute)
		w.sigterm()
		require.NoError(t, w.ended())
		require.Equal(t, jobs.Queued, b.job(id).State)
	})
}

func TestAnAttemptThatBeginsWhileTheWorkerDrainsIsToldAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := yields()
		w := b.start(c, func(o *worker.Options) {
			o.Runner = jobs.NewRunner(jobs.RunnerOptions{Store: slowClaims{b.store}, Queue: b.queue})
		})
		after(time.Second)
		id := b.submitOne("x")
		after(500 * time.Millisecond)
		w.sigterm()
		after(2 * time.Second)
		require.Len(t, c.seen(), 1, "the claim was under way")
		require.Equal(t, jobs.Queued, b.job(id).State)
		require.NoError(t, w.ended())
	})
}

// slowClaims takes a second for each claim.
type slowClaims struct{ jobs.RunnerStore }

func (s slowClaims) Claim(ctx context.Context, claim jobs.Claim) (jobs.Job, error) {
	time.Sleep(time.Second)
	return s.RunnerStore.Claim(ctx, claim)
}

func TestADrainingWorkerTakesNothingMore(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := takes(30 * time.Second)
		w := b.start(c)
		b.submitOne("x")
		after(5 * time.Second)
		w.sigterm()
		second := b.submitOne("y")
		require.NoError(t, w.ended())
		require.Len(t, c.seen(), 1)
		after(time.Second)
		heir := echo()
		b.start(heir)
		after(time.Second)
		require.Equal(t, []string{second}, heir.seen(), "what a last poll brought was given back at once")
	})
}

func TestASpotNoticeStopsWorkInTimeAndTakesNoMore(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := yields()
		w := b.start(c)
		id := b.submitOne("x")
		after(time.Minute)
		w.NodeStatus(nodestatus.Status{State: nodestatus.OK,
			Spot: &nodestatus.SpotNotice{Action: "terminate", Time: time.Now().Add(2 * time.Minute)}})
		after(time.Second)
		require.Equal(t, jobs.Queued, b.job(id).State)
		after(5 * time.Minute)
		require.Len(t, c.seen(), 1, "nor when the message comes up again")
	})
}

func TestASpotNoticeIsEarlierThanTheStopTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(takes(time.Hour))
		id := b.submitOne("x")
		after(time.Minute)
		w.NodeStatus(nodestatus.Status{State: nodestatus.OK,
			Spot: &nodestatus.SpotNotice{Action: "terminate", Time: time.Now().Add(40 * time.Second)}})
		after(29 * time.Second)
		require.Equal(t, jobs.Running, b.job(id).State)
		after(2 * time.Second)
		require.Equal(t, jobs.Queued, b.job(id).State)
	})
}

func TestAnImpairedGPUStopsWorkUntilItIsWell(t *testing.T) {
	sick := nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"XID_79"},
		GPUs: []nodestatus.GPU{{UUID: "GPU-1", State: nodestatus.Impaired, Reason: "XID_79"}}}
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(yields(), func(o *worker.Options) { o.GPUs = []string{"GPU-1"} })
		healthy := b.start(yields(), func(o *worker.Options) { o.GPUs = []string{"GPU-2"} })
		ids := b.submit(jobs.Submission{}, jobs.Submission{})
		after(time.Minute)
		healthy.NodeStatus(sick)
		w.NodeStatus(sick)
		w.NodeStatus(sick)
		after(10 * time.Second)
		states := []jobs.State{b.job(ids[0]).State, b.job(ids[1]).State}
		require.ElementsMatch(t, []jobs.State{jobs.Running, jobs.Queued}, states, "only the task on the sick device stops")
		w.NodeStatus(nodestatus.Status{State: nodestatus.OK})
		after(10 * time.Second)
		require.Equal(t, jobs.Running, b.job(ids[0]).State)
		require.Equal(t, jobs.Running, b.job(ids[1]).State, "and goes on once it is well")
	})
}

func TestARebalanceRecommendationHoldsNewWorkForAWhileOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := takes(time.Second)
		w := b.start(c)
		after(time.Second)
		now := time.Now()
		w.NodeStatus(nodestatus.Status{State: nodestatus.OK, Rebalance: &now})
		id := b.submitOne("x")
		after(4 * time.Minute)
		w.NodeStatus(nodestatus.Status{State: nodestatus.OK, Rebalance: &now})
		require.Equal(t, jobs.Queued, b.job(id).State)
		after(2 * time.Minute)
		require.Equal(t, jobs.Succeeded, b.job(id).State)
	})
}

func TestATaskOfAnOldRevisionFinishesWithinItsDrain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		protector := &protector{}
		c := takes(30 * time.Minute)
		w := b.start(c, func(o *worker.Options) { o.Owner = "old/1"; o.Protector = protector })
		id := b.submitOne("x")
		after(time.Minute)
		told, err := jobs.Drain(t.Context(), b.store, jobs.ClockFunc(time.Now),
			func(owner string) bool { return strings.HasSuffix(owner, "/1") }, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, 1, told)
		after(20 * time.Second)
		require.Contains(t, w.call(http.MethodGet, "/v1/job", "").Body.String(), "drainBy")
		require.NotContains(t, w.call(http.MethodGet, "/v1/job", "").Body.String(), `"stop"`)
		next := b.submitOne("y")
		after(28*time.Minute + 50*time.Second)
		require.Equal(t, jobs.Succeeded, b.job(id).State, "what ends by itself may")
		require.Equal(t, jobs.Queued, b.job(next).State, "and nothing new is taken")
		require.False(t, protector.protected(), "the deployment need not wait any longer")
	})
}

func TestATaskOfAnOldRevisionIsStoppedAtTheEndOfItsDrain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(takes(10*time.Hour), func(o *worker.Options) { o.Timeout = 20 * time.Hour })
		id := b.submitOne("x")
		after(time.Minute)
		_, err := jobs.Drain(t.Context(), b.store, jobs.ClockFunc(time.Now), func(string) bool { return true }, time.Now().Add(time.Hour))
		require.NoError(t, err)
		after(57 * time.Minute)
		require.Equal(t, jobs.Running, b.job(id).State)
		after(4 * time.Minute)
		require.Equal(t, jobs.Queued, b.job(id).State)
		require.Equal(t, 1, b.job(id).Interruptions)
	})
}

func TestTheTaskIsProtectedBeforeTheClaimAndUntilItIsIdle(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		protector := &protector{}
		var protectedWhileWorking guarded[bool]
		b.start(does(func(context.Context, container.Call) (string, error) {
			protectedWhileWorking.set(protector.protected())
			time.Sleep(5 * time.Hour)
			return "done", nil
		}), func(o *worker.Options) { o.Protector = protector; o.Timeout = 10 * time.Hour })
		after(time.Minute)
		require.Zero(t, protector.calls(), "an idle task may be scaled in")
		b.submitOne("x")
		after(time.Second)
		require.True(t, protectedWhileWorking.get())
		after(4 * time.Hour)
		require.Less(t, time.Since(protector.asked), ecstask.ProtectFor, "renewed before it ends")
		require.LessOrEqual(t, protector.calls(), 5)
		after(time.Hour + 2*time.Minute)
		require.False(t, protector.protected())
	})
}

func TestADeploymentThatBlocksProtectionGetsNoClaim(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		protector := &protector{err: ecstask.ErrDeploymentBlocked}
		c := echo()
		b.start(c, func(o *worker.Options) { o.Protector = protector })
		id := b.submitOne("x")
		after(10 * time.Minute)
		require.EqualValues(t, 0, b.job(id).Fence)
		require.InDelta(t, 10, protector.calls(), 2, "asked about once a minute")
		protector.fail(nil)
		after(2 * time.Minute)
		require.Equal(t, jobs.Succeeded, b.job(id).State, "a deployment that was rolled back")
	})
}

func TestALostContainerIsAFailureUnlessItsTaskWasStopped(t *testing.T) {
	gone := &container.Unreachable{Cause: io.ErrUnexpectedEOF}
	for name, row := range map[string]struct {
		task    ecstask.Task
		sigterm bool
		failure bool
	}{
		"it crashed":                             {ecstask.Task{DesiredStatus: "RUNNING"}, false, true},
		"it crashed and ECS ended the task":      {crashed(139), true, true},
		"it ran out of memory":                   {crashed(137), false, true},
		"ECS stops the task":                     {crashed(143), false, false},
		"the signal comes a moment later":        {ecstask.Task{}, true, false},
		"it crashed, of which ECS knows no code": {ecstask.Task{DesiredStatus: "STOPPED", Containers: []ecstask.Container{{}}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				var sigterm guarded[context.CancelFunc]
				w := b.start(does(func(context.Context, container.Call) (string, error) {
					time.Sleep(3 * time.Second)
					if row.sigterm {
						time.AfterFunc(2*time.Second, sigterm.get())
					}
					return "", gone
				}), func(o *worker.Options) { o.Task = &task{row.task, 3 * time.Second, time.Now()} })
				sigterm.set(w.sigterm)
				id := b.submitOne("x")
				after(15 * time.Second)
				job := b.job(id)
				if row.failure {
					require.Equal(t, worker.CodeLost, job.Failure.Code)
				} else {
					require.Empty(t, job.Failure.Code)
					require.Equal(t, 1, job.Interruptions)
				}
			})
		})
	}
}

func crashed(code int) ecstask.Task {
	return ecstask.Task{DesiredStatus: "STOPPED", Containers: []ecstask.Container{{Name: "model", ExitCode: &code}}}
}

// task says RUNNING until so long after its birth.
type task struct {
	then  ecstask.Task
	after time.Duration
	born  time.Time
}

func (s *task) Task(context.Context) (ecstask.Task, error) {
	if time.Since(s.born) < s.after {
		return ecstask.Task{DesiredStatus: "RUNNING"}, nil
	}
	return s.then, nil
}

// protector is the ECS agent as far as protection goes.
type protector struct {
	mutex  sync.Mutex
	err    error
	is     bool
	called int
	asked  time.Time
}

func (p *protector) Protect(context.Context) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.called++
	if p.err != nil {
		return p.err
	}
	p.is, p.asked = true, time.Now()
	return nil
}

func (p *protector) Unprotect(context.Context) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.is = false
	return nil
}

func (p *protector) fail(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.err = err
}

func (p *protector) protected() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.is
}

func (p *protector) calls() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.called
}
