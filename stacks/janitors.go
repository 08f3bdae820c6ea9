package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/capacitycontroller"
	"tandem/constructs/gofunction"
	"tandem/constructs/jobqueue"
	"tandem/runtime/settings"
)

// Janitors are the programs beside the workers: the controller decides how
// many there are, the sweeper finds stranded jobs, the courier delivers webhooks.
type Janitors struct {
	Controller *capacitycontroller.CapacityController
	Sweeper    *gofunction.Function
	Courier    *gofunction.Function
}

// courierTimeout bounds one batch of deliveries; SQS wants six times as much
// visibility (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, 2026-11-24).
const courierTimeout = 60

func newWebhookQueue(stack awscdk.Stack, state *State) *jobqueue.JobQueue {
	return jobqueue.New(stack, "Webhooks", &jobqueue.Props{
		Key:        state.Key,
		Visibility: awscdk.Duration_Seconds(jsii.Number(6 * courierTimeout)),
	})
}

func newJanitors(w *Workers, p *Props, state *State, compute *Compute) *Janitors {
	return &Janitors{
		Controller: newController(w, p, state, compute),
		Sweeper:    newSweeper(w, p, state),
		Courier:    newCourier(w, p, state),
	}
}

func newController(w *Workers, p *Props, state *State, compute *Compute) *capacitycontroller.CapacityController {
	var services []awsecs.IBaseService
	for _, name := range sorted(w.Workers) {
		services = append(services, w.Workers[name].Tasks.Services()...)
	}
	var groups []awsautoscaling.IAutoScalingGroup
	for _, name := range sorted(compute.Groups) {
		groups = append(groups, compute.Groups[name].Groups()...)
	}
	controller := capacitycontroller.New(w.Stack, "Capacity", &capacitycontroller.Props{
		Settings: settings.Capacity{
			State:   state.settings(),
			Release: p.release(),
			Cluster: *compute.Cluster.ClusterName(),
			Queues:  w.queues(),
		},
		Fleet:        p.fleet(w, compute),
		Bundle:       p.Bundle,
		Cluster:      compute.Cluster,
		Services:     services,
		Groups:       groups,
		LogRetention: logRetention(p.Config.Observability.LogRetention),
		Tracing:      p.Config.Observability.Tracing,
	})
	role := controller.Function().Role()
	state.Table.GrantJobs(role)
	w.allQueues(sorted(w.Workers)).GrantObserve(role)
	return controller
}

func newSweeper(w *Workers, p *Props, state *State) *gofunction.Function {
	function := gofunction.New(w.Stack, "Sweeper", &gofunction.Props{
		Program:     "sweeper",
		Description: "Finds jobs that are queued without a message or running with an expired lease",
		Settings: settings.Sweeper{
			State: state.settings(), Release: p.release(), Queues: w.queues(),
			WebhookQueueURL: *w.Webhooks.Queue().QueueUrl(),
		},
		Bundle:       p.Bundle,
		Timeout:      awscdk.Duration_Seconds(jsii.Number(50)),
		LogRetention: logRetention(p.Config.Observability.LogRetention),
		Tracing:      p.Config.Observability.Tracing,
	})
	awsevents.NewRule(w.Stack, jsii.String("SweepEachMinute"), &awsevents.RuleProps{
		Description: jsii.String("Looks for stranded jobs each minute"),
		Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(1))),
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(function.Function(), &awseventstargets.LambdaFunctionProps{
			RetryAttempts: jsii.Number(0),
			MaxEventAge:   awscdk.Duration_Minutes(jsii.Number(1)),
		})},
	})
	state.Table.GrantJobs(function.Role())
	queues := w.allQueues(sorted(w.Workers))
	queues.GrantObserve(function.Role())
	append(queues, w.Webhooks).GrantSend(function.Role())
	return function
}

func newCourier(w *Workers, p *Props, state *State) *gofunction.Function {
	function := gofunction.New(w.Stack, "Courier", &gofunction.Props{
		Program:     "webhooks",
		Description: "Delivers webhooks, signed, until the receiver has answered",
		Settings: settings.Webhooks{
			State: state.settings(), Release: p.release(),
			QueueURL: *w.Webhooks.Queue().QueueUrl(), SigningSecret: *state.WebhookSecret.SecretArn(),
		},
		Bundle:       p.Bundle,
		Timeout:      awscdk.Duration_Seconds(jsii.Number(courierTimeout)),
		LogRetention: logRetention(p.Config.Observability.LogRetention),
		Tracing:      p.Config.Observability.Tracing,
	})
	function.Function().AddEventSource(awslambdaeventsources.NewSqsEventSource(w.Webhooks.Queue(), &awslambdaeventsources.SqsEventSourceProps{
		BatchSize:               jsii.Number(10),
		ReportBatchItemFailures: jsii.Bool(true),
		MaxConcurrency:          jsii.Number(10),
	}))
	state.Table.GrantJobs(function.Role())
	state.grantWebhookSecret(function.Role())
	w.Webhooks.GrantSend(function.Role())
	acceptPrefixes(function.Role())
	return function
}
