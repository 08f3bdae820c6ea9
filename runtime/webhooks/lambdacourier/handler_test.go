package lambdacourier_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/webhooks/lambdacourier"
)

const (
	delivered = "00000000-0000-4000-8000-000000000001"
	refused   = "00000000-0000-4000-8000-000000000002"
	unknown   = "00000000-0000-4000-8000-000000000003"
)

type courier struct{}

func (courier) Deliver(_ context.Context, id string) (time.Duration, error) {
	switch id {
	case refused:
		return 5 * time.Hour, nil
	case unknown:
		return 0, errors.New("throttled")
	default:
		return 0, nil
	}
}

type hider struct {
	changes []jobs.VisibilityChange
	err     error
}

func (h *hider) ChangeVisibility(_ context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error {
	if lane != jobs.WebhookLane {
		return errors.New("another lane")
	}
	h.changes = append(h.changes, changes...)
	return h.err
}

func record(name, id string) events.SQSMessage {
	return events.SQSMessage{MessageId: name, ReceiptHandle: "r-" + name, Body: jobs.Message{ID: id}.Body()}
}

func TestOnlyWhatMustComeAgainStaysInTheQueue(t *testing.T) {
	h := &hider{}
	handler := lambdacourier.Handler{Courier: courier{}, Hider: h, Log: slog.New(slog.DiscardHandler)}
	got, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{
		record("a", delivered), record("b", refused), record("c", unknown), {MessageId: "d", Body: "nonsense"},
	}})
	require.NoError(t, err)
	require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "b"}, {ItemIdentifier: "c"}, {ItemIdentifier: "d"}}, got.BatchItemFailures)
	require.Equal(t, []jobs.VisibilityChange{{Receipt: "r-b", For: 5 * time.Hour}}, h.changes)

	h.err = errors.New("throttled")
	got, err = handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("b", refused)}})
	require.NoError(t, err)
	require.Len(t, got.BatchItemFailures, 1)
}

func TestABatchWithoutFailuresSaysSoByAnEmptyList(t *testing.T) {
	handler := lambdacourier.Handler{Courier: courier{}, Hider: &hider{}, Log: slog.New(slog.DiscardHandler)}
	got, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("a", delivered)}})
	require.NoError(t, err)
	raw, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, `{"batchItemFailures":[]}`, string(raw))
}
