package chain

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/runtime/fleetstate"
	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
)

// invoker is Lambda: it takes the event at once and runs the controller with it.
type invoker struct {
	world *world
	calls atomic.Int32
	// again is whether the controller looks once more.
	again bool
	runs  sync.WaitGroup
}

func (i *invoker) Invoke(_ context.Context, call wake.Call) error {
	i.calls.Add(1)
	event := lambdawaker.Event{Source: lambdawaker.Source, Worker: call.Worker, At: call.At.UnixMilli()}
	if i.again {
		event.Again = call.Again.Milliseconds()
	}
	i.runs.Go(func() { i.world.handle(event) })
	return nil
}

// sleep makes the fleet as it is before a first job.
func (w *world) sleep() {
	ctx := w.t.Context()
	_, err := sqs.NewFromConfig(w.config).PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(w.queues.Base + "counter-normal")})
	require.NoError(w.t, err)
	_, err = w.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(spot), DesiredCount: aws.Int32(0)})
	require.NoError(w.t, err)
	_, err = w.scaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String(group), DesiredCapacity: aws.Int32(0)})
	require.NoError(w.t, err)
	snapshot, err := w.fleet.Load(ctx)
	require.NoError(w.t, err)
	require.NoError(w.t, w.fleet.Save(ctx, fleetstate.State{Version: snapshot.State.Version}, fleetstate.Saved{}))
}

// TestASubmitAtZeroIsSeenByECSWithinASecond measures from the submit to the
// service's new count, many times; `make e2e` prints it.
func TestASubmitAtZeroIsSeenByECSWithinASecond(t *testing.T) {
	w := newWorld(t)
	var took []time.Duration
	for range 100 {
		w.sleep()
		i := &invoker{world: w}
		waker := wake.New(wake.Options{Invoker: i, Fleet: w.fleet, Every: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		began := time.Now()
		w.submit()
		waker.Wake(t.Context(), worker)
		w.until("ECS was asked for a task", 10*time.Second, func() bool { tasks, _ := w.desired(); return tasks == 1 })
		took = append(took, time.Since(began))
		i.runs.Wait()
		_, instances := w.desired()
		require.Equal(t, 1, instances, "one instance, exactly")
	}
	slices.Sort(took)
	t.Logf("from a submit at zero to the new count: p50 %v, p99 %v, worst %v (one core of an emulator in Python)", took[49], took[98], took[99])
	require.LessOrEqual(t, took[98], time.Second)
}

// TestAThousandSubmitsAtZeroWakeOnceAndAllCount is a burst from three processes.
func TestAThousandSubmitsAtZeroWakeOnceAndAllCount(t *testing.T) {
	w := newWorld(t)
	i := &invoker{world: w, again: true}
	var wakers []*wake.Waker
	for range 3 {
		wakers = append(wakers, wake.New(wake.Options{Invoker: i, Fleet: w.fleet, Log: slog.New(slog.DiscardHandler)}))
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, 16)
	for n := range 1000 {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			w.submit()
			wakers[n%3].Wake(context.WithoutCancel(t.Context()), worker)
		})
	}
	group.Wait()
	i.runs.Wait()
	tasks, instances := w.desired()
	require.Equal(t, []int{10, 10}, []int{tasks, instances}, "as many as may be, at the latest on the second look")
	// The emulator takes longer than a second for a thousand, and the controller has answered meanwhile.
	require.LessOrEqual(t, int(i.calls.Load()), 3)
	state, err := w.fleet.Latest(t.Context())
	require.NoError(t, err)
	raw, _ := json.Marshal(state.Decision)
	t.Logf("woken %d times; decided: %s", i.calls.Load(), raw)
}
