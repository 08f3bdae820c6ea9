package modelservice

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// listenerPort of the load balancer.
const listenerPort = 80

func (m *ModelService) balance() {
	group := awsec2.NewSecurityGroup(m.construct, jsii.String("LoadBalancerSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              m.props.VPC,
		Description:      jsii.String("Load balancer of " + m.props.Name + ": in from named callers alone"),
		AllowAllOutbound: jsii.Bool(false),
	})
	m.loadBalancer = awselasticloadbalancingv2.NewApplicationLoadBalancer(m.construct, jsii.String("LoadBalancer"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc:                     m.props.VPC,
		VpcSubnets:              m.props.Subnets,
		InternetFacing:          jsii.Bool(false),
		SecurityGroup:           group,
		DropInvalidHeaderFields: jsii.Bool(true),
		DeletionProtection:      jsii.Bool(m.props.DeletionProtection),
		// A model may think for long before its first token.
		IdleTimeout: m.props.StreamTimeout,
	})
	listener := m.loadBalancer.AddListener(jsii.String("Listener"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port:     jsii.Number(listenerPort),
		Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Open:     jsii.Bool(false),
	})
	m.targets = listener.AddTargets(jsii.String("Targets"), &awselasticloadbalancingv2.AddApplicationTargetsProps{
		Port:     jsii.Number(float64(m.props.Port)),
		Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Targets: &[]awselasticloadbalancingv2.IApplicationLoadBalancerTarget{
			m.service.LoadBalancerTarget(&awsecs.LoadBalancerTargetOptions{
				ContainerName: jsii.String(ModelContainer), ContainerPort: jsii.Number(float64(m.props.Port)),
			}),
		},
		DeregistrationDelay: m.props.StreamTimeout,
		// The first requests fill caches.
		SlowStart: minutes(1),
		HealthCheck: &awselasticloadbalancingv2.HealthCheck{
			Path:                    &m.props.HealthPath,
			Port:                    jsii.String(strconv.Itoa(m.healthPort())),
			HealthyHttpCodes:        jsii.String("200"),
			Interval:                seconds(15),
			Timeout:                 seconds(10),
			HealthyThresholdCount:   jsii.Number(2),
			UnhealthyThresholdCount: jsii.Number(4),
		},
	})
	if m.healthPort() != m.props.Port {
		m.service.Connections().AllowFrom(m.loadBalancer, awsec2.Port_Tcp(jsii.Number(float64(m.healthPort()))), jsii.String("Health checks of the load balancer"))
	}
	m.accept(listener)
}

func (m *ModelService) accept(listener awselasticloadbalancingv2.ApplicationListener) {
	const inside = "Plain HTTP between private addresses of one VPC, from named callers alone; the package says why."
	accepted.On(listener, accepted.Finding{Rule: "CKV_AWS_2", Reason: inside}, accepted.Finding{Rule: "CKV_AWS_103", Reason: inside})
	if m.props.AccessLogs != nil {
		m.loadBalancer.LogAccessLogs(m.props.AccessLogs, jsii.String(m.props.Name))
		return
	}
	const logs = "The API logs each request with its tenant before it comes here; logs of the hop inside would say the same again."
	accepted.OnResource(m.loadBalancer,
		accepted.Finding{Rule: "AwsSolutions-ELB2", Reason: logs}, accepted.Finding{Rule: "CKV_AWS_91", Reason: logs})
}
