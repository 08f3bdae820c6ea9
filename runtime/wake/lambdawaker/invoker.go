// Package lambdawaker starts the capacity controller's Lambda function.
package lambdawaker

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"tandem/runtime/wake"
)

// Client is what the invoker calls of Lambda.
type Client interface {
	Invoke(ctx context.Context, in *lambda.InvokeInput, options ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Invoker implements wake.Invoker.
type Invoker struct {
	Client Client
	// Function is its name or ARN.
	Function string
}

var _ wake.Invoker = Invoker{}

// Event is what the function gets. Source tells it from a schedule's event.
type Event struct {
	Source string `json:"source"`
	Worker string `json:"worker"`
	// At is when the job met an idle fleet, in milliseconds since 1970.
	At int64 `json:"at"`
	// Again is how many milliseconds later the controller looks once more.
	Again int64 `json:"again"`
}

// Source of the event.
const Source = "tandem.wake"

// Invoke implements wake.Invoker. Lambda queues the event and answers at once.
func (i Invoker) Invoke(ctx context.Context, call wake.Call) error {
	payload, err := json.Marshal(Event{Source: Source, Worker: call.Worker, At: call.At.UnixMilli(), Again: call.Again.Milliseconds()})
	if err != nil {
		return fmt.Errorf("waking worker %s: %w", call.Worker, err)
	}
	_, err = i.Client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &i.Function, InvocationType: types.InvocationTypeEvent, Payload: payload,
	})
	if err != nil {
		return fmt.Errorf("waking worker %s by function %s: %w", call.Worker, i.Function, err)
	}
	return nil
}
