// Capacity decides how many tasks each worker has: each minute, on events of
// ECS, EC2 and Auto Scaling, and when a submit wakes it.
package main

import (
	"os"
	// Schedules name time zones, and the runtime has no list of them.
	_ "time/tzdata"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
)

func main() {
	s := start.Settings[settings.Capacity]()
	log, config, clock := start.Logger(s.Log), start.AWS(), awsclock.New()
	clock.Attach(&config)
	fleet, err := s.FleetNames.Join(start.File(s.FleetFile))
	if err != nil {
		start.Fail("the fleet is unreadable", err)
	}
	controller := ecsfleet.New(ecsfleet.Options{
		Cluster: s.Cluster, Fleet: fleet, Lanes: sqsqueue.Lanes(s.Queues),
		Depths:   sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(s.Queues, "")}),
		Services: ecs.NewFromConfig(config), Groups: autoscaling.NewFromConfig(config),
		State: dynamofleet.Store{Client: dynamodb.NewFromConfig(config), Table: s.Table},
		Drainer: jobs.Drainer{
			Store: dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(config), Table: s.Table}), Clock: clock,
		},
		Release: s.Release, Metrics: os.Stdout, Log: log,
	})
	lambda.Start(controller.Handle)
}
