// Wake starts an own service that sleeps, when a call has found it so. It is a
// function of its own for the rights that it has: who answers the internet may
// only call it. And the clients of ECS would make each cold start of the others
// longer.
package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/functions/internal/start"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/ecswaker"
	"tandem/runtime/wake/lambdawaker"
)

func main() {
	s := start.Settings[settings.Wake]()
	config := start.AWS()
	lambda.Start(handler(start.Logger(s.Log), ecswaker.Invoker{
		Sleepers: s.Sleepers, Services: ecs.NewFromConfig(config), Groups: autoscaling.NewFromConfig(config),
	}))
}

func handler(log *slog.Logger, invoker wake.Invoker) func(context.Context, lambdawaker.Event) error {
	return func(ctx context.Context, event lambdawaker.Event) error {
		log.InfoContext(ctx, "a call found a service asleep", "service", event.Worker)
		return invoker.Invoke(ctx, wake.Call{Worker: event.Worker})
	}
}
