package plan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/plan"
)

var full = plan.Options{Jobs: 10_000, Kills: 500, Seed: 7, Workers: 8, APIs: 3, Timeout: 45 * time.Second}

func TestTheSameSeedMakesTheSamePlan(t *testing.T) {
	require.Equal(t, plan.New(full), plan.New(full))
	other := full
	other.Seed++
	require.NotEqual(t, plan.New(full).Actions, plan.New(other).Actions)
	require.NotEqual(t, plan.New(full).Submissions, plan.New(other).Submissions)
}

func TestAPlanHoldsWhatWasAskedFor(t *testing.T) {
	for _, kills := range []int{0, 1, 8, 500} {
		o := full
		o.Kills = kills
		p := plan.New(o)
		require.Len(t, p.Submissions, o.Jobs)
		count := map[plan.Kind]int{}
		for i, a := range p.Actions {
			count[a.Kind]++
			require.Less(t, a.At, p.Span)
			require.True(t, i == 0 || p.Actions[i-1].At <= a.At, "in order")
		}
		require.Equal(t, kills, count[plan.KillWorker]+count[plan.KillAPI]+count[plan.KillSweeper])
	}
}

func TestAFullPlanHasEveryFault(t *testing.T) {
	p := plan.New(full)
	kinds, aims := map[plan.Kind]int{}, map[string]int{}
	for _, a := range p.Actions {
		kinds[a.Kind]++
		aims[a.Aim]++
	}
	for _, kind := range []plan.Kind{plan.KillWorker, plan.KillAPI, plan.KillSweeper, plan.Terminate, plan.Pause, plan.Hiccup, plan.Hold,
		plan.KillContainer, plan.Mute, plan.Cut, plan.Poison, plan.Cast} {
		require.NotZero(t, kinds[kind], kind)
	}
	for _, aim := range []string{"claim", "commit", "renew", "step", "checkpoint", "delete", "replace", "create", "send", "query"} {
		require.NotZero(t, aims[aim], aim)
	}
	misbehaves := map[string]int{}
	for _, s := range p.Submissions {
		misbehaves[s.Script.Misbehaves]++
	}
	require.Len(t, misbehaves, 5, "none, and four ways")
}
