package emptygroups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"tandem/runtime/settings"
)

// Handler answers CloudFormation. Wrap it in cfn.LambdaWrap, which sends what it
// returns, and sends a failure when it panics.
type Handler struct {
	Emptier *Emptier
	Log     *slog.Logger
	// Margin before the end of the function's time, in which the answer is sent.
	// Defaults to 20 s: a function that is cut off leaves CloudFormation waiting.
	Margin time.Duration
}

// maxReason bounds what CloudFormation shows of an error: an answer has 4 KB in all
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html, 2026-11-24).
const maxReason = 2000

// Handle implements cfn.CustomResourceFunction. The physical id never changes,
// or else CloudFormation would delete the one before, and empty groups in use.
func (h Handler) Handle(ctx context.Context, event cfn.Event) (string, map[string]any, error) {
	id := event.PhysicalResourceID
	if id == "" {
		id = "empty-groups-" + event.LogicalResourceID
	}
	margin := h.Margin
	if margin == 0 {
		margin = 20 * time.Second
	}
	if deadline, found := ctx.Deadline(); found {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	err := h.answer(ctx, event)
	h.Log.InfoContext(ctx, "answering CloudFormation", "request", event.RequestType, "resource", event.LogicalResourceID, "error", err)
	if err != nil && len(err.Error()) > maxReason {
		err = errors.New(err.Error()[:maxReason])
	}
	return id, nil, err
}

func (h Handler) answer(ctx context.Context, event cfn.Event) error {
	request, err := parse(event.ResourceProperties)
	if err != nil {
		if event.RequestType == cfn.RequestDelete {
			// What was never made needs no emptying, and must not keep a stack alive.
			h.Log.WarnContext(ctx, "nothing to empty", "error", err)
			return nil
		}
		return err
	}
	if event.RequestType == cfn.RequestDelete {
		return h.Emptier.Empty(ctx, request)
	}
	return h.Emptier.Prepare(ctx, request)
}

func parse(properties map[string]any) (settings.EmptyRequest, error) {
	var request settings.EmptyRequest
	raw, err := json.Marshal(properties)
	if err == nil {
		err = json.Unmarshal(raw, &request)
	}
	if err == nil && (request.Cluster == "" || len(request.AutoScalingGroups) == 0) {
		err = errors.New("Cluster and AutoScalingGroups are required")
	}
	if err != nil {
		return request, fmt.Errorf("reading the properties of the resource: %w", err)
	}
	return request, nil
}
