package healthagent

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/metric"
	"tandem/runtime/settings"
)

// Metric is one of the agents' own, such as settings.MetricImpairedInstances. Its
// sum over a minute is how many instances of the cluster are concerned.
func (a *HealthAgent) Metric(name string, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metric.New(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(settings.AgentNamespace),
		MetricName:    &name,
		DimensionsMap: &map[string]*string{settings.AgentDimension: &a.clusterName},
		Statistic:     jsii.String("Sum"),
	}, options)
}

// MetricImpairedInstances counts instances with a sick GPU.
func (a *HealthAgent) MetricImpairedInstances(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return a.Metric(settings.MetricImpairedInstances, options)
}

// MetricBlindInstances counts instances whose agent cannot judge.
func (a *HealthAgent) MetricBlindInstances(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return a.Metric(settings.MetricBlindInstances, options)
}
