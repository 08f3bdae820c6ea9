package capacitycontroller_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/capacitycontroller"
	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

func controller(t *testing.T, stack awscdk.Stack) {
	cluster := constructstest.Cluster(stack)
	service := awsecs.BaseService_FromServiceArnWithCluster(stack, jsii.String("Service"),
		jsii.String("arn:aws:ecs:us-east-1:123456789012:service/cluster/documents"))
	group := awsautoscaling.AutoScalingGroup_FromAutoScalingGroupName(stack, jsii.String("Group"), jsii.String("spot"))
	capacitycontroller.New(stack, "Capacity", &capacitycontroller.Props{
		Settings: settings.Capacity{State: settings.State{Table: "state", Bucket: "data"}, Cluster: "cluster"},
		Bundle:   gofunction.Placeholder{Folder: t.TempDir()},
		Cluster:  cluster,
		Services: []awsecs.IBaseService{service},
		Groups:   []awsautoscaling.IAutoScalingGroup{group},
	})
}

func TestItLooksEachMinuteAndWhenTasksStopAndWhenSpotIsTaken(t *testing.T) {
	stack := constructstest.Stack(t)
	controller(t, stack)
	template := constructstest.Template(t, stack)

	require.Len(t, template.All("AWS::Events::Rule"), 4)
	for _, properties := range []map[string]any{
		{"ScheduleExpression": "rate(1 minute)"},
		{"EventPattern": map[string]any{"source": []any{"aws.ecs"}}},
		{"EventPattern": map[string]any{"detail-type": []any{"EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"}}},
		{"EventPattern": map[string]any{"detail-type": []any{"EC2 Instance Launch Unsuccessful"}, "detail": map[string]any{"AutoScalingGroupName": []any{"spot"}}}},
	} {
		template.HasResourceProperties(jsii.String("AWS::Events::Rule"), properties)
	}
}

func TestItStopsAndDescribesTasksOfItsClusterAlone(t *testing.T) {
	stack := constructstest.Stack(t)
	controller(t, stack)
	template := constructstest.Template(t, stack)
	for action, kind := range map[string]string{
		"ecs:StopTask": ":task/", "ecs:DescribeTasks": ":task/", "ecs:ListTasks": ":container-instance/",
		"ecs:DescribeContainerInstances": ":container-instance/",
	} {
		resources := template.Allowed(t, "Capacity", action)
		require.NotEmpty(t, resources, action)
		for _, resource := range resources {
			require.Contains(t, resource, kind, action)
			require.Contains(t, resource, "Cluster", action)
		}
	}
}

func TestItMayScaleWhatItIsGivenAndNothingElse(t *testing.T) {
	stack := constructstest.Stack(t)
	controller(t, stack)
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	for _, policy := range template.All("AWS::IAM::Policy") {
		for _, statement := range constructstest.At(t, policy.Properties, "PolicyDocument", "Statement").([]any) {
			text := constructstest.Text(t, statement)
			if statement.(map[string]any)["Resource"] == "*" {
				require.NotContains(t, text, "Update")
				require.NotContains(t, text, "Set")
			}
		}
	}
	text := constructstest.Text(t, template.All("AWS::IAM::Policy"))
	require.Contains(t, text, "service/cluster/documents")
	require.Contains(t, text, "autoScalingGroupName/spot")
	constructstest.RequireNoFindings(t, stack)
}
