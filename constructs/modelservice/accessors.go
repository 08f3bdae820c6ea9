package modelservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/metric"
)

// Construct is the scope that holds the service.
func (m *ModelService) Construct() constructs.Construct { return m.construct }

// URL at which callers in the VPC reach the model, without a slash at its end.
func (m *ModelService) URL() string { return "http://" + *m.loadBalancer.LoadBalancerDnsName() }

// LoadBalancer in front of the tasks.
func (m *ModelService) LoadBalancer() awselasticloadbalancingv2.IApplicationLoadBalancer {
	return m.loadBalancer
}

// Service that runs the tasks.
func (m *ModelService) Service() awsecs.IEc2Service { return m.service }

// TaskDefinition of the service.
func (m *ModelService) TaskDefinition() awsecs.TaskDefinition { return m.task }

// TaskRole is what grants are made to.
func (m *ModelService) TaskRole() awsiam.IRole { return m.role }

// GrantPrincipal is the task role: a service can be granted to.
func (m *ModelService) GrantPrincipal() awsiam.IPrincipal { return m.role.GrantPrincipal() }

// LogGroup is where all containers write.
func (m *ModelService) LogGroup() awslogs.ILogGroup { return m.logs }

// Connections is the load balancer's place in the network.
func (m *ModelService) Connections() awsec2.Connections { return m.loadBalancer.Connections() }

// AllowFrom lets a caller reach the load balancer. The rules are written into
// the caller's stack, which may come later than the service's.
func (m *ModelService) AllowFrom(caller awsec2.IConnectable) {
	caller.Connections().AllowTo(m.loadBalancer, awsec2.Port_Tcp(jsii.Number(listenerPort)), jsii.String("asks "+m.props.Name))
}

// GrantWake allows ecs:DescribeServices and UpdateService on the service.
func (m *ModelService) GrantWake(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("ecs:DescribeServices", "ecs:UpdateService"), ResourceArns: &[]*string{m.service.ServiceArn()},
	})
}

// MetricRequests counts requests that tasks answered.
func (m *ModelService) MetricRequests(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.loadBalancer.Metrics().RequestCount(options)
}

// MetricRefused counts requests that found no task.
func (m *ModelService) MetricRefused(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.loadBalancer.Metrics().HttpCodeElb(awselasticloadbalancingv2.HttpCodeElb_ELB_503_COUNT, options)
}

// MetricErrors counts answers of tasks with a status of 500 and above.
func (m *ModelService) MetricErrors(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.loadBalancer.Metrics().HttpCodeTarget(awselasticloadbalancingv2.HttpCodeTarget_TARGET_5XX_COUNT, options)
}

// MetricLatency is the time to the first byte of an answer, in seconds.
func (m *ModelService) MetricLatency(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.loadBalancer.Metrics().TargetResponseTime(options)
}

// MetricHealthy counts tasks that answer.
func (m *ModelService) MetricHealthy(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.targetMetric("HealthyHostCount", options)
}

// MetricUnhealthy counts tasks that should answer and do not.
func (m *ModelService) MetricUnhealthy(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return m.targetMetric("UnHealthyHostCount", options)
}

// targetMetric names the load balancer by its attribute. The target group's own
// metrics cut the name out of the listener's ARN, with a Fn::Split that can't
// read another stack's output.
func (m *ModelService) targetMetric(name string, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metric.New(&awscloudwatch.MetricProps{
		Namespace:  jsii.String("AWS/ApplicationELB"),
		MetricName: &name,
		DimensionsMap: &map[string]*string{
			"TargetGroup":  m.targets.TargetGroupFullName(),
			"LoadBalancer": m.loadBalancer.LoadBalancerFullName(),
		},
		Statistic: jsii.String("Average"),
		Period:    minutes(1),
	}, options)
}
