package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
)

type invoker struct {
	calls []wake.Call
	err   error
}

func (i *invoker) Invoke(_ context.Context, call wake.Call) error {
	i.calls = append(i.calls, call)
	return i.err
}

func TestTheServiceOfTheEventIsWoken(t *testing.T) {
	ecs := &invoker{}
	handle := handler(slog.New(slog.DiscardHandler), ecs)
	require.NoError(t, handle(t.Context(), lambdawaker.Event{Source: lambdawaker.Source, Worker: "llama"}))
	require.Equal(t, []wake.Call{{Worker: "llama"}}, ecs.calls)
	ecs.err = errors.New("AccessDenied")
	require.ErrorContains(t, handle(t.Context(), lambdawaker.Event{Worker: "llama"}), "AccessDenied", "Lambda tries again, and its log says why")
}
