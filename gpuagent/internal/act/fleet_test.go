package act_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/act/acttest"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

// sick is the judgement on a host whose GPU fell off the bus.
var sick = health.Judgement{
	State: nodestatus.Impaired, Reason: "XID_79", Action: finding.Replace,
	Findings: []health.Standing{{Finding: finding.Finding{Reason: "XID_79", Action: finding.Replace, Severity: finding.Impaired}}},
}

var well = health.Judgement{State: nodestatus.OK, Action: finding.None}

func member(number int) string { return fmt.Sprintf("container-instance/%02d", number) }

// fleet of actors that protect, and the way to end them.
func fleet(cluster *acttest.Fleet, places act.Places, size int, seed uint64) (actors []*act.Actor, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for i := range size {
		cluster.Add(member(i), 2)
		host := cluster.Host(member(i))
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		actor := act.New(act.Options{Mode: act.Protect, Cluster: host, Group: host, Places: places, OwnTasks: 1, Jitter: random.Float64})
		actors = append(actors, actor)
		running.Go(func() { actor.Run(ctx) })
	}
	return actors, func() {
		cancel()
		running.Wait()
	}
}

func TestOfTwentyThatTurnSickAtOnceExactlyFourDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster, places := acttest.NewFleet(), &acttest.Places{}
		actors, end := fleet(cluster, places, 20, 1)
		defer end()
		for _, actor := range actors {
			actor.Update(sick, observe.Notices{})
		}
		time.Sleep(time.Second)
		require.Len(t, cluster.Draining(), 4, "at once")
		time.Sleep(30 * time.Minute)
		require.Len(t, cluster.Draining(), 4, "and after half an hour")
		require.Equal(t, 4, cluster.Most())
		waiting := 0
		for _, actor := range actors {
			if report := actor.Report(); report.Phase == act.Waiting {
				waiting++
				require.Equal(t, "all 4 places of the breaker are taken", report.Blocked)
			}
		}
		require.Equal(t, 16, waiting)
	})
}

func TestOfTwentyThatCanOnlyCountEachOtherFourDrainInTheEnd(t *testing.T) {
	for _, lag := range []time.Duration{0, 2 * time.Second} {
		for seed := range uint64(5) {
			synctest.Test(t, func(t *testing.T) {
				cluster := acttest.NewFleet()
				cluster.Lag = lag
				actors, end := fleet(cluster, nil, 20, seed)
				defer end()
				for _, actor := range actors {
					actor.Update(sick, observe.Notices{})
				}
				time.Sleep(2 * time.Minute)
				require.Len(t, cluster.Draining(), 4)
				require.LessOrEqual(t, cluster.Most(), 9, "few began in vain")
				time.Sleep(10 * time.Minute)
				require.Len(t, cluster.Draining(), 4, "and it stays so")
			})
		}
	}
}

func TestTheSickOnesOfAFleetAreReplacedFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster, places := acttest.NewFleet(), &acttest.Places{Lease: 5 * time.Minute}
		actors, end := fleet(cluster, places, 10, 7)
		defer end()
		for _, actor := range actors[:5] {
			actor.Update(sick, observe.Notices{})
		}
		for _, actor := range actors[5:] {
			actor.Update(well, observe.Notices{})
		}
		for round := 0; round < 5; round++ {
			time.Sleep(time.Minute)
			for _, each := range cluster.Draining() {
				cluster.SetTasks(each, 1)
			}
		}
		time.Sleep(time.Minute)
		marked := 0
		for i := range 10 {
			for _, call := range cluster.Calls(member(i)) {
				if call == "unhealthy" {
					marked++
					break
				}
			}
		}
		require.Equal(t, 2, marked, "as long as their instances live they keep their places")
		require.Equal(t, 2, cluster.Most())
	})
}

func TestWhateverFailsNoMoreThanTheLimitDrain(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, 25).Draw(r, "instances")
		seed := rapid.Uint64().Draw(r, "seed")
		latency := time.Duration(rapid.IntRange(0, 3000).Draw(r, "latency in ms")) * time.Millisecond
		failing := rapid.SliceOfN(rapid.SampledFrom([]string{"look", "drain", "census", "unhealthy", "table", "none"}), 1, 6).Draw(r, "failing")
		synctest.Test(t, func(t *testing.T) {
			cluster, places := acttest.NewFleet(), &acttest.Places{}
			cluster.Latency = latency
			actors, end := fleet(cluster, places, size, seed)
			defer end()
			for _, actor := range actors {
				actor.Update(sick, observe.Notices{})
			}
			for _, call := range failing {
				cluster.Fail(call, errors.New("throttled"))
				if call == "table" {
					places.Fail(errors.New("throttled"))
				}
				time.Sleep(45 * time.Second)
				cluster.Fail(call, nil)
				places.Fail(nil)
				time.Sleep(20 * time.Second)
			}
			limit := act.Limit(size, 0.2)
			require.LessOrEqual(t, cluster.Most(), limit)
			time.Sleep(10 * time.Minute)
			require.Len(t, cluster.Draining(), limit, "and as many as may do")
		})
	})
}

func TestAtLeastOneAndAFifthAtMostMayDrain(t *testing.T) {
	for instances, limit := range map[int]int{0: 1, 1: 1, 4: 1, 5: 1, 9: 1, 10: 2, 19: 3, 20: 4, 100: 20} {
		require.Equal(t, limit, act.Limit(instances, 0.2), "%d instances", instances)
	}
	require.Equal(t, 10, act.Limit(100, 0.1))
}
