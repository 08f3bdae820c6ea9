package gpuworker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpuworker"
)

func TestWhatECSWouldRefuseOrNeverPlaceIsAnErrorAtSynth(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fixture)
		rule   string
	}{
		"GPUs without capacity":       {func(f *fixture) { f.props.SpotProviderName, f.props.OnDemandProviderName = nil, nil }, "worker-has-capacity"},
		"exec mode without a command": {func(f *fixture) { f.props.Mode = gpuworker.ModeExec }, "exec-has-a-command"},
		"stop timeouts that add up past 110 s": {func(f *fixture) { f.props.StopTimeout = awscdk.Duration_Seconds(jsii.Number(91)) },
			"stop-timeouts-fit: found a stop timeout of 1m31s, which with the containers' own 20s adds up to 1m51s"},
		"no time to stop":         {func(f *fixture) { f.props.StopTimeout = awscdk.Duration_Seconds(jsii.Number(0)) }, "stop-timeouts-fit"},
		"more than Fargate sells": {func(f *fixture) { f.onFargate(); f.props.MemoryMiB = 200000 }, "fargate-has-the-size"},
		"weights on Fargate":      {func(f *fixture) { f.onFargate(); f.props.Weights = &gpuworker.Weights{URI: "s3://a/"} }, "weights-need-a-host"},
		"all memory shared":       {func(f *fixture) { f.props.SharedMemoryMiB = 12000 }, "shared-memory-fits"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			test.change(f)
			f.synth(t)
			require.Contains(t, strings.Join(constructstest.Findings(t, f.stack), "\n"), "/Test/Worker: "+test.rule)
		})
	}
}

func TestAForgottenPropIsNamedWithThePath(t *testing.T) {
	f := newFixture(t)
	f.props.Name, f.props.Settings.Timeout = "", time.Duration(0)
	require.PanicsWithValue(t, "Test/Worker: gpuworker.Props.Name, gpuworker.Props.Settings are required",
		func() { gpuworker.New(f.stack, "Worker", f.props) })
}

func TestAnUnknownModeIsRefused(t *testing.T) {
	f := newFixture(t)
	f.props.Mode = "batch"
	require.PanicsWithValue(t, `Test/Worker: gpuworker.Props.Mode is "batch", and there are only server and exec`,
		func() { gpuworker.New(f.stack, "Worker", f.props) })
}

func TestTheCheckersFindNothingThatIsNotExplained(t *testing.T) {
	for name, change := range map[string]func(*fixture){
		"on instances": func(f *fixture) { f.props.Weights = &gpuworker.Weights{URI: "s3://models/a/"} },
		"on Fargate":   func(f *fixture) { f.onFargate() },
		"exec":         func(f *fixture) { f.props.Mode, f.props.Command = gpuworker.ModeExec, []string{"analyse"} },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			change(f)
			constructstest.Nag(f.stack)
			template := f.synth(t)
			constructstest.RequireNoFindingsBelow(t, f.stack, "/Test/Worker")
			for _, statement := range template.Wildcards(t) {
				require.NotContains(t, statement.Policy, "Worker")
			}
		})
	}
}
