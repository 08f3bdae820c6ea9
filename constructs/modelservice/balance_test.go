package modelservice_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

const (
	balancerType = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	targetsType  = "AWS::ElasticLoadBalancingV2::TargetGroup"
)

func TestAnswersMayStreamForAQuarterOfAnHour(t *testing.T) {
	for name, test := range map[string]struct {
		timeout awscdk.Duration
		want    string
	}{
		"by default": {nil, "900"},
		"as asked":   {awscdk.Duration_Minutes(jsii.Number(30)), "1800"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.props.StreamTimeout = test.timeout
			template := f.synth(t)
			require.Equal(t, test.want, attributes(t, template.One(t, balancerType).Properties, "LoadBalancerAttributes")["idle_timeout.timeout_seconds"])
			require.Equal(t, test.want, attributes(t, template.One(t, targetsType).Properties, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"],
				"a task that is taken out finishes its streams")
		})
	}
}

func TestTheLoadBalancerIsInternalAndStrict(t *testing.T) {
	f := newFixture(t)
	f.props.DeletionProtection = true
	balancer := f.synth(t).One(t, balancerType).Properties
	require.Equal(t, "internal", balancer["Scheme"])
	got := attributes(t, balancer, "LoadBalancerAttributes")
	require.Equal(t, "true", got["routing.http.drop_invalid_header_fields.enabled"])
	require.Equal(t, "true", got["deletion_protection.enabled"])
}

func TestANewTaskIsGivenRequestsSlowly(t *testing.T) {
	targets := newFixture(t).synth(t).One(t, targetsType).Properties
	require.Equal(t, "60", attributes(t, targets, "TargetGroupAttributes")["slow_start.duration_seconds"])
	require.Equal(t, "/health", targets["HealthCheckPath"])
	require.Equal(t, "ip", targets["TargetType"])
}

func TestNobodyReachesAServiceWhoIsNotNamed(t *testing.T) {
	template := newFixture(t).synth(t)
	for _, group := range template.All("AWS::EC2::SecurityGroup") {
		require.NotContains(t, group.Properties, "SecurityGroupIngress")
	}
	rules := template.All("AWS::EC2::SecurityGroupIngress")
	require.Len(t, rules, 1, "the load balancer reaches the tasks")
	require.Equal(t, 8000.0, rules[0].Properties["FromPort"])
	require.Contains(t, constructstest.Text(t, rules[0].Properties["SourceSecurityGroupId"]), "ServiceLoadBalancerSecurityGroup")
	require.Contains(t, constructstest.Text(t, rules[0].Properties["GroupId"]), "ServiceSecurityGroup")
}

// The API's stack comes after the services' and already takes their URLs: a
// rule in the services' stack would close a circle.
func TestACallerOfALaterStackIsLetInByItsOwnStack(t *testing.T) {
	app := constructstest.App(t)
	f := fixtureIn(constructstest.StackIn(app, "Services"))
	later := constructstest.StackIn(app, "Api")
	service := modelservice.New(f.stack, "Service", f.props)
	caller := awsec2.NewSecurityGroup(later, jsii.String("Caller"), &awsec2.SecurityGroupProps{Vpc: f.props.VPC})
	service.AllowFrom(caller)
	awscdk.NewCfnOutput(later, jsii.String("URL"), &awscdk.CfnOutputProps{Value: jsii.String(service.URL())})

	rule := constructstest.Template(t, later).One(t, "AWS::EC2::SecurityGroupIngress").Properties
	require.Equal(t, 80.0, rule["FromPort"])
	require.Contains(t, constructstest.Text(t, rule["SourceSecurityGroupId"]), `{"Fn::GetAtt":["Caller`)
}

func TestTheURLIsThatOfTheLoadBalancer(t *testing.T) {
	f := newFixture(t)
	service := modelservice.New(f.stack, "Service", f.props)
	awscdk.NewCfnOutput(f.stack, jsii.String("URL"), &awscdk.CfnOutputProps{Value: jsii.String(service.URL())})
	outputs := constructstest.Text(t, constructstest.Template(t, f.stack).ToJSON())
	require.Contains(t, outputs, `{"Fn::Join":["",["http://",{"Fn::GetAtt":["ServiceLoadBalancer`)
}

func TestAccessLogsAreKeptWhereThereIsABucket(t *testing.T) {
	f := newFixture(t)
	f.props.AccessLogs = awss3.NewBucket(f.stack, jsii.String("Bucket"), nil)
	got := attributes(t, f.synth(t).One(t, balancerType).Properties, "LoadBalancerAttributes")
	require.Equal(t, "true", got["access_logs.s3.enabled"])
	require.Equal(t, "llama", got["access_logs.s3.prefix"])
}
