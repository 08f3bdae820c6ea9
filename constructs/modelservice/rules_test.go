package modelservice_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

func TestWhatAWSWouldRefuseOrNeverPlaceIsAnErrorAtSynth(t *testing.T) {
	hours := func(count float64) awscdk.Duration { return awscdk.Duration_Hours(jsii.Number(count)) }
	for name, test := range map[string]struct {
		change func(*modelservice.Props)
		rule   string
	}{
		"no capacity":                {func(p *modelservice.Props) { p.OnDemandBase, p.SpotProviderName, p.OnDemandProviderName = 0, nil, nil }, "service-has-capacity"},
		"a base without on-demand":   {func(p *modelservice.Props) { p.OnDemandProviderName = nil }, "base-is-on-demand: found 1 tasks"},
		"a minimum over the maximum": {func(p *modelservice.Props) { p.Minimum = 5 }, "bounds-in-order: found 5 tasks at least and 4 at most"},
		"answers over an hour":       {func(p *modelservice.Props) { p.StreamTimeout = hours(2) }, "stream-timeout: found answers of 7200 s"},
		"a start of half a day":      {func(p *modelservice.Props) { p.ColdStart = hours(12) }, "cold-start"},
		"a server on the warm-up's port": {func(p *modelservice.Props) {
			p.Port, p.WarmUp = 9412, &modelservice.WarmUp{Path: "/", Body: "{}"}
			p.WorkerImage = awsecs.ContainerImage_FromRegistry(jsii.String("worker:1"), nil)
		}, "warm-up-port: found a server on port 9412"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			test.change(f.props)
			f.synth(t)
			require.Contains(t, strings.Join(constructstest.Findings(t, f.stack), "\n"), "/Test/Service: "+test.rule)
		})
	}
}

func TestAForgottenPropIsNamedWithThePath(t *testing.T) {
	f := newFixture(t)
	f.props.GPUs, f.props.Weights = 0, &modelservice.Weights{URI: "s3://models/llama/"}
	f.props.WarmUp = &modelservice.WarmUp{Path: "/"}
	require.PanicsWithValue(t, "Test/Service: modelservice.Props.GPUs, modelservice.Props.WarmUp.Body, modelservice.Props.WorkerImage are required",
		func() { modelservice.New(f.stack, "Service", f.props) })
}

func TestTheCheckersFindNothingThatIsNotExplained(t *testing.T) {
	for name, minimum := range map[string]int{"always on": 1, "may sleep": 0} {
		t.Run(name, func(t *testing.T) {
			f := newWarmFixture(t)
			f.props.Minimum = minimum
			constructstest.Nag(f.stack)
			template := f.synth(t)
			constructstest.RequireNoFindingsBelow(t, f.stack, "/Test/Service")
			for _, statement := range template.Wildcards(t) {
				require.NotContains(t, statement.Policy, "Service")
			}
		})
	}
}

func TestMetricsAreThoseOfTheLoadBalancer(t *testing.T) {
	f := newFixture(t)
	service := modelservice.New(f.stack, "Service", f.props)
	for metric, want := range map[string]string{
		*service.MetricRequests(nil).MetricName(): "RequestCount", *service.MetricRefused(nil).MetricName(): "HTTPCode_ELB_503_Count",
		*service.MetricErrors(nil).MetricName(): "HTTPCode_Target_5XX_Count", *service.MetricLatency(nil).MetricName(): "TargetResponseTime",
		*service.MetricHealthy(nil).MetricName(): "HealthyHostCount", *service.MetricUnhealthy(nil).MetricName(): "UnHealthyHostCount",
	} {
		require.Equal(t, want, metric)
	}
}
