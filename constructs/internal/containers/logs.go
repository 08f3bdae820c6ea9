// Package containers is what the task definitions of several constructs have in
// common: where they log, how weights reach them, and which containers ask for
// no privileges.
package containers

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// NewLogGroup creates the log group of a task definition. It is deleted with
// its stack, like those of the functions.
func NewLogGroup(scope constructs.Construct, retention awslogs.RetentionDays) awslogs.LogGroup {
	if retention == "" {
		retention = awslogs.RetentionDays_ONE_MONTH
	}
	group := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     retention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	accepted.OnResource(group, accepted.Finding{
		Rule:   "CKV_AWS_158",
		Reason: "Logs carry no payloads or secrets; CloudWatch encrypts them with its own key.",
	})
	return group
}

// LogTo writes a container's output to a log group. A container never waits for
// CloudWatch: what does not fit into the buffer meanwhile is lost.
func LogTo(group awslogs.LogGroup) awsecs.LogDriver {
	return awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
		LogGroup:      group,
		StreamPrefix:  jsii.String("task"),
		Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
		MaxBufferSize: awscdk.Size_Mebibytes(jsii.Number(4)),
	})
}
