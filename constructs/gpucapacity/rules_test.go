package gpucapacity_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpucapacity"
)

func TestWhatAWSWouldRefuseIsAnErrorAtSynth(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*gpucapacity.Props)
		rule   string
	}{
		"no instances at all":            {func(p *gpucapacity.Props) { p.SpotMaximum, p.OnDemandMaximum = 0, 0 }, "capacity-has-instances"},
		"reservations without on-demand": {func(p *gpucapacity.Props) { p.OnDemandMaximum, p.Reservations = 0, []string{"cr-1"} }, "reservations-are-on-demand"},
		"Graviton":                       {func(p *gpucapacity.Props) { p.InstanceTypes = []string{"g5g.xlarge"} }, "instances-run-the-image: found g5g.xlarge"},
		"Grace":                          {func(p *gpucapacity.Props) { p.InstanceTypes = []string{"p6e-gb200.36xlarge"} }, "instances-run-the-image"},
		"an AMD GPU":                     {func(p *gpucapacity.Props) { p.InstanceTypes = []string{"g4ad.xlarge"} }, "instances-run-the-image"},
		"Inferentia":                     {func(p *gpucapacity.Props) { p.InstanceTypes = []string{"inf2.xlarge"} }, "instances-run-the-image"},
		"a volume below the image's":     {func(p *gpucapacity.Props) { p.VolumeGiB = 20 }, "volume-size: found 20 GiB, expected 30 to 65536"},
		"more throughput than gp3 has":   {func(p *gpucapacity.Props) { p.ThroughputMiB = 2500 }, "volume-throughput"},
		"less throughput than gp3 has":   {func(p *gpucapacity.Props) { p.ThroughputMiB = 100 }, "volume-throughput"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			test.change(f.props)
			f.synth(t)
			require.Contains(t, strings.Join(constructstest.Findings(t, f.stack), "\n"), "/Test/Group: "+test.rule)
		})
	}
}

func TestEveryNVIDIATypeIsAccepted(t *testing.T) {
	f := newFixture(t)
	f.props.InstanceTypes = []string{"g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6e.xlarge", "gr6.4xlarge", "p4d.24xlarge", "p4de.24xlarge", "p5.48xlarge", "p5en.48xlarge"}
	f.synth(t)
	require.NotContains(t, strings.Join(constructstest.Findings(t, f.stack), "\n"), "instances-run-the-image")
}

func TestAForgottenPropIsNamedWithThePath(t *testing.T) {
	f := newFixture(t)
	f.props.InstanceTypes, f.props.GPUs = nil, 0
	require.PanicsWithValue(t, "Test/Group: gpucapacity.Props.GPUs, gpucapacity.Props.InstanceTypes are required",
		func() { gpucapacity.New(f.stack, "Group", f.props) })
}

func TestAClusterOfAnotherStackIsRefused(t *testing.T) {
	app := constructstest.App(t)
	f, other := fixtureIn(constructstest.StackIn(app, "Test")), constructstest.StackIn(app, "Other")
	defer func() { require.Contains(t, recover(), "is in another stack") }()
	gpucapacity.New(other, "Group", f.props)
}

func TestGrantsNameTheGroupsAndTheExactAction(t *testing.T) {
	f := newFixture(t)
	capacity := gpucapacity.New(f.stack, "Group", f.props)
	role := awsiam.NewRole(f.stack, jsii.String("Controller"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	capacity.GrantScale(role)
	capacity.GrantSetHealth(role)
	capacity.GrantReplace(role)
	template := constructstest.Template(t, f.stack)

	for _, action := range []string{"autoscaling:SetDesiredCapacity", "autoscaling:SetInstanceHealth", "autoscaling:TerminateInstanceInAutoScalingGroup"} {
		resources := template.Allowed(t, "Controller", action)
		require.Len(t, resources, 2, action)
		for _, resource := range resources {
			require.Contains(t, resource, "autoScalingGroupName/")
		}
	}
}

func TestTheCheckersFindNothingThatIsNotExplained(t *testing.T) {
	f := newFixture(t)
	f.props.PrePull = []string{"123456789012.dkr.ecr.us-east-1.amazonaws.com/models/a:1"}
	f.props.SessionManager = true
	gpucapacity.New(f.stack, "Group", f.props)
	constructstest.Nag(f.stack)
	template := constructstest.Template(t, f.stack)

	constructstest.RequireNoFindings(t, f.stack)
	require.Empty(t, template.Wildcards(t))
}

func TestMetricsCoverEachGroup(t *testing.T) {
	f := newFixture(t)
	capacity := gpucapacity.New(f.stack, "Group", f.props)
	for _, metrics := range [][]string{names(capacity.MetricInService(nil)), names(capacity.MetricPending(nil)), names(capacity.MetricDesired(nil))} {
		require.Len(t, metrics, 2)
	}
	require.Equal(t, []string{"GroupInServiceInstances", "GroupInServiceInstances"}, names(capacity.MetricInService(nil)))
}

func names(metrics []awscloudwatch.Metric) []string {
	var all []string
	for _, metric := range metrics {
		all = append(all, *metric.MetricName())
	}
	return all
}
