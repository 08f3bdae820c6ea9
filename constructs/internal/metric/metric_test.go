package metric_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/internal/metric"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

func TestWhatOptionsNameWinsAndTheRestStays(t *testing.T) {
	props := awscloudwatch.MetricProps{
		Namespace: jsii.String("Tandem"), MetricName: jsii.String("Waiting"), Statistic: jsii.String("Sum"), Label: jsii.String("before"),
	}
	made := metric.New(&props, &awscloudwatch.MetricOptions{
		Label: jsii.String("after"), Period: awscdk.Duration_Minutes(jsii.Number(15)), Unit: awscloudwatch.Unit_COUNT,
	})
	require.Equal(t, "Waiting", *made.MetricName())
	require.Equal(t, "Sum", *made.Statistic())
	require.Equal(t, "after", *made.Label())
	require.Equal(t, 15.0, *made.Period().ToMinutes(nil))
	require.Equal(t, awscloudwatch.Unit_COUNT, made.Unit())
}

func TestWithoutOptionsAMetricIsAsItsConstructMakesIt(t *testing.T) {
	made := metric.New(&awscloudwatch.MetricProps{Namespace: jsii.String("Tandem"), MetricName: jsii.String("Waiting"), Statistic: jsii.String("Sum")}, nil)
	require.Equal(t, "Sum", *made.Statistic())
}

// A new version of the CDK may add an option, which New would have to hand on.
func TestEveryOptionIsHandedOn(t *testing.T) {
	require.Equal(t, 12, reflect.TypeFor[awscloudwatch.MetricOptions]().NumField())
}
