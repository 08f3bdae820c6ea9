// Capacity decides how many tasks each worker has: each minute, on events of
// ECS and EC2, and when a submit wakes it.
package main

import (
	// Schedules name time zones, and the runtime has no list of them.
	_ "time/tzdata"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/runtime/wake/fleetstatus"
)

func main() {
	s := start.Settings[settings.Capacity]()
	log, config := start.Logger(s.Log), start.AWS()
	fleet, err := s.FleetNames.Join(start.File(s.FleetFile))
	if err != nil {
		start.Fail("the fleet is unreadable", err)
	}
	controller := ecsfleet.New(ecsfleet.Options{
		Cluster: s.Cluster, Fleet: fleet, Lanes: sqsqueue.Lanes(s.Queues),
		Depths:   sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(s.Queues, "")}),
		Services: ecs.NewFromConfig(config), Groups: autoscaling.NewFromConfig(config),
		Status: fleetstatus.Store{Client: dynamodb.NewFromConfig(config), Table: s.Table}, Log: log,
	})
	// Whatever the event says, everything is looked at.
	lambda.Start(controller.RunOnce)
}
