// Package documenttrigger runs a function for each document uploaded below a
// prefix: S3, EventBridge, function, and a queue for what failed in between.
// What the function does with the document is in runtime/documents. Where a
// worker takes over, the function also looks each minute for jobs that have ended.
package documenttrigger

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/gofunction"
	"tandem/constructs/jobqueue"
	"tandem/runtime/settings"
)

// Props of a [DocumentTrigger].
type Props struct {
	// Settings of the program; its ResultPrefix must lie outside Prefix.
	//
	// Required.
	Settings settings.Documents
	// Definition is what a document is asked; it is packed beside the program.
	//
	// Required.
	Definition settings.DocumentDefinition
	// Bundle provides the code.
	//
	// Required.
	Bundle gofunction.Bundle
	// Bucket that receives the uploads, with EventBridge turned on.
	//
	// Required.
	Bucket awss3.IBucket
	// Prefix of the uploads.
	//
	// Required.
	Prefix string
	// Suffixes that are taken, such as .pdf.
	//
	// Default: - every object.
	Suffixes []string
	// MemoryMiB of the function.
	//
	// Default: 1024.
	MemoryMiB float64
	// Timeout of the function, up to 15 minutes.
	//
	// Default: 60 seconds.
	Timeout awscdk.Duration
	// VPC that the function joins to reach own services.
	//
	// Default: - none.
	VPC awsec2.IVpc
	// Key encrypts the queue of failed events.
	//
	// Default: - a key that SQS manages.
	Key awskms.IKey
	// LogRetention of its log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
	// Tracing sends traces to X-Ray.
	//
	// Default: false.
	Tracing bool
}

// DocumentTrigger analyses uploads.
type DocumentTrigger struct {
	construct constructs.Construct
	function  *gofunction.Function
	failures  *jobqueue.JobQueue
}

// New creates the rule and the function. It panics when a result would fire
// the trigger that wrote it.
func New(scope constructs.Construct, id string, props *Props) *DocumentTrigger {
	this := constructs.NewConstruct(scope, &id)
	if strings.HasPrefix(props.Settings.ResultPrefix, props.Prefix) {
		panic(fmt.Sprintf("%s: results under %q would fire the trigger on %q again; choose a result prefix outside it",
			*this.Node().Path(), props.Settings.ResultPrefix, props.Prefix))
	}
	memory, timeout := props.MemoryMiB, props.Timeout
	if memory == 0 {
		memory = 1024
	}
	if timeout == nil {
		timeout = awscdk.Duration_Seconds(jsii.Number(60))
	}
	definition, err := json.Marshal(props.Definition)
	if err != nil {
		panic(fmt.Sprintf("%s: writing the definition of the document: %v", *this.Node().Path(), err))
	}
	function := gofunction.New(this, "Function", &gofunction.Props{
		Program:      "documents",
		Description:  "Analyses documents uploaded below " + props.Prefix,
		Settings:     props.Settings,
		Files:        map[string][]byte{"document.json": definition},
		Bundle:       props.Bundle,
		VPC:          props.VPC,
		MemoryMiB:    memory,
		Timeout:      timeout,
		LogRetention: props.LogRetention,
		Tracing:      props.Tracing,
	})
	failures := jobqueue.New(this, "Failures", &jobqueue.Props{Key: props.Key})
	awsevents.NewRule(this, jsii.String("Uploaded"), &awsevents.RuleProps{
		Description: jsii.String("A document was uploaded below " + props.Prefix),
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings("aws.s3"),
			DetailType: jsii.Strings("Object Created"),
			Detail: &map[string]any{
				"bucket": map[string]any{"name": []any{props.Bucket.BucketName()}},
				"object": map[string]any{"key": keys(props.Prefix, props.Suffixes)},
			},
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(function.Function(), &awseventstargets.LambdaFunctionProps{
			DeadLetterQueue: failures.Queue(),
			RetryAttempts:   jsii.Number(8),
			MaxEventAge:     awscdk.Duration_Hours(jsii.Number(6)),
		})},
	})
	if props.Settings.OverflowWorker != "" {
		awsevents.NewRule(this, jsii.String("Collect"), &awsevents.RuleProps{
			Description: jsii.String("Collects results of jobs that documents became, each minute"),
			Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(1))),
			Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(function.Function(), &awseventstargets.LambdaFunctionProps{
				Event: awsevents.RuleTargetInput_FromObject(map[string]any{"source": settings.CollectSource}),
				// The next run sees what this one would have seen.
				RetryAttempts: jsii.Number(0),
				MaxEventAge:   awscdk.Duration_Minutes(jsii.Number(1)),
			})},
		})
	}
	return &DocumentTrigger{construct: this, function: function, failures: failures}
}

// keys matches prefix and suffix together, which only a wildcard can.
func keys(prefix string, suffixes []string) []any {
	if len(suffixes) == 0 {
		return []any{map[string]any{"prefix": prefix}}
	}
	var patterns []any
	for _, suffix := range suffixes {
		patterns = append(patterns, map[string]any{"wildcard": prefix + "*" + suffix})
	}
	return patterns
}

// Construct is the scope that holds the trigger.
func (d *DocumentTrigger) Construct() constructs.Construct { return d.construct }

// Function analyses one document an invocation.
func (d *DocumentTrigger) Function() *gofunction.Function { return d.function }

// Failures holds events that never reached the function.
func (d *DocumentTrigger) Failures() *jobqueue.JobQueue { return d.failures }
