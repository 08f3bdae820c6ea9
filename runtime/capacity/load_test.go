package capacity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
)

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
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, capacity.InstancesFor(test.gpus, test.loads...)) })
	}
}
