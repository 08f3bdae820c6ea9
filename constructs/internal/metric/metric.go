// Package metric makes a construct's CloudWatch metrics with what their user
// asked to be different.
package metric

import "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

// New creates a metric. What options name wins, as with Metric.With; that would
// create a second metric by way of jsii, where this creates the right one.
func New(props *awscloudwatch.MetricProps, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if options != nil {
		override(&props.Account, options.Account)
		override(&props.Color, options.Color)
		override(&props.DimensionsMap, options.DimensionsMap)
		override(&props.Id, options.Id)
		override(&props.Label, options.Label)
		override(&props.Region, options.Region)
		override(&props.StackAccount, options.StackAccount)
		override(&props.StackRegion, options.StackRegion)
		override(&props.Statistic, options.Statistic)
		override(&props.Visible, options.Visible)
		if options.Period != nil {
			props.Period = options.Period
		}
		if options.Unit != "" {
			props.Unit = options.Unit
		}
	}
	return awscloudwatch.NewMetric(props)
}

func override[T any](to **T, with *T) {
	if with != nil {
		*to = with
	}
}
