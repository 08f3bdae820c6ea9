package emptygroups_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/stretchr/testify/require"

	"tandem/runtime/emptygroups"
)

func TestAGroupIsDrainedBeforeItIsEmptied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1", "i-2")
		w.hosts["i-1"].Tasks = 2
		w.tasksEnd = time.Now().Add(3 * time.Minute)
		began := time.Now()
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Empty(t, w.group.Instances)
		require.ElementsMatch(t, []string{"arn:i-1", "arn:i-2"}, w.drained, "each once")
		require.Empty(t, w.stopped, "tasks that end by themselves are left to")
		require.Empty(t, w.killed)
		require.Less(t, time.Since(began), 5*time.Minute)
	})
}

func TestTasksThatOutlastTheLimitAreStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1", "i-2")
		w.hosts["i-1"].Tasks = 1
		began := time.Now()
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Equal(t, []string{"arn:i-1"}, w.stopped)
		require.Empty(t, w.group.Instances)
		require.Greater(t, time.Since(began), 10*time.Minute)
		require.Less(t, time.Since(began), 14*time.Minute, "within the function's time")
	})
}

func TestInstancesThatDoNotEndAreTerminated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.stuck = true
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Equal(t, []string{"i-1"}, w.killed)
	})
}

func TestAnEmptyOrMissingGroupIsEmptyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.NoError(t, newWorld().emptier().Empty(t.Context(), request))
		w := newWorld()
		w.group = nil
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Zero(t, time.Since(began))
	})
}

func event(kind cfn.RequestType) cfn.Event {
	return cfn.Event{RequestType: kind, LogicalResourceID: "Empty", PhysicalResourceID: map[bool]string{false: "empty-groups-Empty"}[kind == cfn.RequestCreate],
		ResourceProperties: map[string]any{"ServiceToken": "arn", "Cluster": "cluster", "AutoScalingGroups": []any{"spot"},
			"CapacityProviders": []any{"spot-provider"}, "SuspendProcesses": []any{"AZRebalance"}}}
}

func TestCreateAndUpdateOnlyPrepare(t *testing.T) {
	for _, kind := range []cfn.RequestType{cfn.RequestCreate, cfn.RequestUpdate} {
		w := newWorld("i-1")
		id, _, err := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}.Handle(t.Context(), event(kind))
		require.NoError(t, err)
		require.Equal(t, "empty-groups-Empty", id, "an id that changes would delete groups in use")
		require.Equal(t, []string{"AZRebalance"}, w.suspended)
		require.Len(t, w.group.Instances, 1)
		require.Empty(t, w.drained)
	}
}

func TestDeleteEmpties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		id, _, err := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}.Handle(t.Context(), event(cfn.RequestDelete))
		require.NoError(t, err)
		require.Equal(t, "empty-groups-Empty", id)
		require.Empty(t, w.group.Instances)
	})
}

func TestCloudFormationIsAnsweredBeforeTheFunctionIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.hosts["i-1"].Tasks = 1
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		began := time.Now()
		_, _, err := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}.Handle(ctx, event(cfn.RequestDelete))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "delete the stack again")
		require.Equal(t, 5*time.Minute-20*time.Second, time.Since(began))
	})
}

func TestAnErrorIsShortEnoughForCloudFormation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.err = errors.New(strings.Repeat("x", 10_000))
		_, _, err := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}.Handle(t.Context(), event(cfn.RequestDelete))
		require.Len(t, err.Error(), 2000)
	})
}

func TestThrottledCallsAreMadeAgain(t *testing.T) {
	for name, after := range map[string]time.Duration{"at the start": 0, "while tasks end": time.Minute, "while instances end": 150 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld("i-1", "i-2")
				w.hosts["i-1"].Tasks = 1
				w.tasksEnd = time.Now().Add(2 * time.Minute)
				w.throttledFrom = time.Now().Add(after)
				w.throttledUntil = w.throttledFrom.Add(70 * time.Second)
				require.NoError(t, w.emptier().Empty(t.Context(), request))
				require.Positive(t, w.throttled)
				require.Empty(t, w.group.Instances)
			})
		})
	}
}

func TestWhatIsForbiddenIsToldWithinMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.err = errors.New("AccessDeniedException: autoscaling:DescribeAutoScalingGroups")
		began := time.Now()
		require.ErrorContains(t, w.emptier().Empty(t.Context(), request), "AccessDenied")
		require.Less(t, time.Since(began), 3*time.Minute, "nobody waits a quarter of an hour for that")
	})
}

func TestAFailureThatLastsIsToldWithTheLimitThatCutItOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.err = errors.New("ServerException")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _, err := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}.Handle(ctx, event(cfn.RequestDelete))
		require.ErrorContains(t, err, "ServerException")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestAGroupThatSomebodyDeletesMeanwhileIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.hosts["i-1"].Tasks = 1
		w.goneAt = time.Now().Add(2 * time.Minute)
		began := time.Now()
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Less(t, time.Since(began), 3*time.Minute)
	})
}

// A service that was not deleted first starts its tasks anew on what is left.
func TestTasksThatComeAgainDoNotKeepTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		w.hosts["i-1"].Tasks, w.recreated = 1, true
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Empty(t, w.group.Instances)
	})
}

// A host that never joined the cluster, or has left it, has no tasks to wait for.
func TestAnInstanceThatECSDoesNotKnowIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1")
		clear(w.hosts)
		began := time.Now()
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Empty(t, w.drained)
		require.Less(t, time.Since(began), 2*time.Minute)
	})
}

func TestAResourceThatWasNeverMadeCanBeDeleted(t *testing.T) {
	w := newWorld("i-1")
	handler := emptygroups.Handler{Emptier: w.emptier(), Log: quiet}
	broken := event(cfn.RequestDelete)
	broken.ResourceProperties = map[string]any{}
	_, _, err := handler.Handle(t.Context(), broken)
	require.NoError(t, err)
	require.Len(t, w.group.Instances, 1)
	broken.RequestType = cfn.RequestCreate
	_, _, err = handler.Handle(t.Context(), broken)
	require.ErrorContains(t, err, "AutoScalingGroups are required")
}

// TestPeersHangOnDelete: a stack with a capacity provider waits for a group
// that ECS keeps protected, until CloudFormation gives up; here even a task
// that never ends and instances that do not go are gone in a quarter of an hour.
func TestPeersHangOnDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("i-1", "i-2")
		w.hosts["i-1"].Tasks, w.stuck = 1, true
		began := time.Now()
		require.NoError(t, w.emptier().Empty(t.Context(), request))
		require.Equal(t, []string{"arn:i-1"}, w.stopped)
		require.Len(t, w.killed, 2)
		require.Less(t, time.Since(began), 15*time.Minute, "as long as a function may run")
	})
}
