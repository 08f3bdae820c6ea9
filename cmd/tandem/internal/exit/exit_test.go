package exit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
)

func TestAnErrorChoosesItsExitCode(t *testing.T) {
	plain := errors.New("broken")
	for name, c := range map[string]struct {
		err  error
		code int
	}{
		"no error is success":                 {nil, exit.OK},
		"a plain error is a failure":          {plain, exit.Failed},
		"an error with a code keeps it":       {exit.With(exit.NotFound, plain), exit.NotFound},
		"a wrapped error keeps its code":      {fmt.Errorf("reading: %w", exit.With(exit.Refused, plain)), exit.Refused},
		"a child process's code is its own":   {&exec.ExitError{ProcessState: &os.ProcessState{}}, exit.Failed},
		"what the user stopped was no fault":  {fmt.Errorf("waiting: %w", context.Canceled), exit.Interrupted},
		"giving no error a code changes none": {exit.With(exit.NotFound, nil), exit.OK},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.code, exit.Code(c.err)) })
	}
	require.ErrorIs(t, exit.With(exit.NotFound, plain), plain)
}

func TestEachCodeIsExplainedOnce(t *testing.T) {
	seen := map[int]bool{}
	for _, meaning := range exit.Meanings() {
		require.False(t, seen[meaning.Code], "%d", meaning.Code)
		seen[meaning.Code] = true
		require.NotEmpty(t, meaning.Text)
	}
	require.Len(t, seen, 8)
}
