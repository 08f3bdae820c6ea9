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
}

// Source of the event.
const Source = "tandem.wake"

// Invoke implements wake.Invoker. Lambda queues the event and answers at once.
func (i Invoker) Invoke(ctx context.Context, worker string) error {
	payload, err := json.Marshal(Event{Source: Source, Worker: worker})
	if err != nil {
		return fmt.Errorf("waking worker %s: %w", worker, err)
	}
	_, err = i.Client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &i.Function, InvocationType: types.InvocationTypeEvent, Payload: payload,
	})
	if err != nil {
		return fmt.Errorf("waking worker %s by function %s: %w", worker, i.Function, err)
	}
	return nil
}
