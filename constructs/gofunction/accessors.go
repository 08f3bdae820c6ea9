package gofunction

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
)

// Construct is the scope that holds the function's resources.
func (f *Function) Construct() constructs.Construct { return f.construct }

// Function is the Lambda function.
func (f *Function) Function() awslambda.IFunction { return f.function }

// Role is what grants are made to.
func (f *Function) Role() awsiam.IRole { return f.role }

// LogGroup is where the function writes.
func (f *Function) LogGroup() awslogs.ILogGroup { return f.logs }

// Connections is the function's place in the VPC; it has none without Props.VPC.
func (f *Function) Connections() awsec2.Connections { return f.function.Connections() }

// GrantInvoke allows lambda:InvokeFunction on this function.
func (f *Function) GrantInvoke(grantee awsiam.IGrantable) awsiam.Grant {
	return f.function.GrantInvoke(grantee)
}

// MetricErrors counts invocations that failed.
func (f *Function) MetricErrors(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return f.function.MetricErrors(options)
}

// MetricDuration is how long invocations took, in milliseconds.
func (f *Function) MetricDuration(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return f.function.MetricDuration(options)
}

// MetricInvocations counts invocations.
func (f *Function) MetricInvocations(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return f.function.MetricInvocations(options)
}

// MetricThrottles counts invocations refused for want of concurrency.
func (f *Function) MetricThrottles(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return f.function.MetricThrottles(options)
}
