package capacity_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/capacity"
)

func TestTasksFollowJobs(t *testing.T) {
	both := capacity.Policy{Slots: 4, Maximum: 10, HasSpot: true, HasOnDemand: true}
	tests := map[string]struct {
		observed capacity.Observed
		change   func(*capacity.Policy)
		want     capacity.Decision
	}{
		"nothing to do":                     {capacity.Observed{}, nil, capacity.Decision{}},
		"the first job":                     {capacity.Observed{Waiting: 1}, nil, capacity.Decision{Spot: 1}},
		"slots are filled first":            {capacity.Observed{Waiting: 3, Running: 5}, nil, capacity.Decision{Spot: 2}},
		"one job more than slots":           {capacity.Observed{Waiting: 4, Running: 5}, nil, capacity.Decision{Spot: 3}},
		"no more than the maximum":          {capacity.Observed{Waiting: 1000}, nil, capacity.Decision{Spot: 10}},
		"no less than the minimum":          {capacity.Observed{}, func(p *capacity.Policy) { p.Minimum = 2 }, capacity.Decision{Spot: 2}},
		"the base is on-demand":             {capacity.Observed{Waiting: 20}, func(p *capacity.Policy) { p.OnDemandBase = 2 }, capacity.Decision{Spot: 3, OnDemand: 2}},
		"the base is no minimum":            {capacity.Observed{Waiting: 1}, func(p *capacity.Policy) { p.OnDemandBase = 2 }, capacity.Decision{OnDemand: 1}},
		"only on-demand":                    {capacity.Observed{Waiting: 8}, func(p *capacity.Policy) { p.HasSpot = false }, capacity.Decision{OnDemand: 2}},
		"only spot, whatever the base":      {capacity.Observed{Waiting: 8}, func(p *capacity.Policy) { p.HasOnDemand = false; p.OnDemandBase = 1 }, capacity.Decision{Spot: 2}},
		"busy tasks are not taken away":     {capacity.Observed{Running: 1, Spot: 5}, nil, capacity.Decision{Spot: 5}},
		"idle tasks are":                    {capacity.Observed{Spot: 5}, nil, capacity.Decision{}},
		"a policy without slots has one":    {capacity.Observed{Waiting: 3}, func(p *capacity.Policy) { p.Slots = 0 }, capacity.Decision{Spot: 3}},
		"a maximum that was lowered counts": {capacity.Observed{Running: 1, Spot: 20}, nil, capacity.Decision{Spot: 10}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			policy := both
			if test.change != nil {
				test.change(&policy)
			}
			got := capacity.Decide(test.observed, policy)
			require.NotEmpty(t, got.Reason)
			got.Reason = ""
			require.Equal(t, test.want, got)
		})
	}
}

func TestDecisionsKeepTheirBounds(t *testing.T) {
	count := rapid.IntRange(0, 500)
	rapid.Check(t, func(t *rapid.T) {
		policy := capacity.Policy{Slots: rapid.IntRange(1, 64).Draw(t, "slots"), Minimum: rapid.IntRange(0, 5).Draw(t, "minimum"),
			OnDemandBase: rapid.IntRange(0, 5).Draw(t, "base"), HasSpot: rapid.Bool().Draw(t, "spot")}
		policy.HasOnDemand = !policy.HasSpot || rapid.Bool().Draw(t, "on-demand")
		policy.Maximum = policy.Minimum + rapid.IntRange(1, 20).Draw(t, "room")
		observed := capacity.Observed{Waiting: count.Draw(t, "waiting"), Running: count.Draw(t, "running"), Spot: count.Draw(t, "spot tasks")}
		got := capacity.Decide(observed, policy)
		require.GreaterOrEqual(t, got.Tasks(), policy.Minimum)
		require.LessOrEqual(t, got.Tasks(), policy.Maximum)
		require.True(t, policy.HasSpot || got.Spot == 0)
		require.True(t, policy.HasOnDemand || got.OnDemand == 0)
		more := observed
		more.Waiting++
		require.GreaterOrEqual(t, capacity.Decide(more, policy).Tasks(), got.Tasks(), "another job never takes a task away")
	})
}

func TestInstancesHoldTheTasks(t *testing.T) {
	tests := map[string]struct {
		gpus  int
		loads []capacity.Load
		want  int
	}{
		"none":                         {4, nil, 0},
		"one task an instance":         {1, []capacity.Load{{Tasks: 3, GPUs: 1}}, 3},
		"four tasks an instance":       {4, []capacity.Load{{Tasks: 5, GPUs: 1}}, 2},
		"what does not divide evenly":  {4, []capacity.Load{{Tasks: 2, GPUs: 3}}, 2},
		"two workers":                  {4, []capacity.Load{{Tasks: 1, GPUs: 1}, {Tasks: 1, GPUs: 4}}, 2},
		"a task that is too large":     {1, []capacity.Load{{Tasks: 1, GPUs: 4}}, 0},
		"tasks that reserve no GPU":    {4, []capacity.Load{{Tasks: 8}}, 2},
		"a group without GPUs of note": {0, []capacity.Load{{Tasks: 8, GPUs: 1}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, capacity.Instances(test.gpus, test.loads...)) })
	}
}
