package awsaccount_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/doctor/awsaccount"
	"tandem/test/emulator"
)

const template = `{"Resources": {
  "Dead": {"Type": "AWS::SQS::Queue"},
  "Live": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 1000}}}},
  "Outputs": {"Url": {"Value": "https://api.test/"}}}`

func TestWhatIsDeployedIsSeen(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	a, ctx := awsaccount.New(cloud.FromConfig(local.Config())), t.Context()
	account, arn, err := a.Identity(ctx)
	require.NoError(t, err)
	require.Equal(t, local.Account(), account)
	require.Contains(t, arn, account)

	concurrency, err := a.LambdaConcurrency(ctx)
	require.NoError(t, err)
	require.Positive(t, concurrency)

	for name, create := range map[string]bool{"there": true, "absent": false} {
		if create {
			_, err := secretsmanager.NewFromConfig(local.Config()).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("x")})
			require.NoError(t, err)
		}
		exists, err := a.SecretExists(ctx, name)
		require.NoError(t, err)
		require.Equal(t, create, exists, name)
	}

	client := cloudformation.NewFromConfig(local.Config())
	_, err = client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("shop-dev-api"), TemplateBody: aws.String(template)})
	require.NoError(t, err)
	var found *deployed.Deployment
	require.Eventually(t, func() bool {
		found, err = deployed.Find(ctx, a, "shop", "dev")
		return err == nil && len(found.Stacks) == 1 && found.Stacks[0].Status == "CREATE_COMPLETE"
	}, emulatorLimit, tick)
	require.Equal(t, "https://api.test/", found.URL)
	require.False(t, found.Stacks[0].Updated.IsZero())
	queues := queuesOf(ctx, t, a)
	require.Equal(t, queues["Dead"].ARN, queues["Live"].DeadLetters)
	require.Empty(t, queues["Dead"].DeadLetters)
	require.Equal(t, [2]int{0, 0}, [2]int{queues["Live"].Messages, queues["Dead"].Messages})
	resources, err := a.Resources(ctx, "shop-dev-api")
	require.NoError(t, err)
	for _, resource := range resources {
		if resource.LogicalID == "Dead" {
			_, err := sqs.NewFromConfig(local.Config()).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &resource.ID, MessageBody: aws.String("x")})
			require.NoError(t, err)
		}
	}
	require.Equal(t, 1, queuesOf(ctx, t, a)["Dead"].Messages)
}

func queuesOf(ctx context.Context, t *testing.T, a *awsaccount.Account) map[string]doctor.Queue {
	t.Helper()
	resources, err := a.Resources(ctx, "shop-dev-api")
	require.NoError(t, err)
	queues := map[string]doctor.Queue{}
	for _, resource := range resources {
		require.Equal(t, "AWS::SQS::Queue", resource.Type)
		queues[resource.LogicalID], err = a.Queue(ctx, resource.ID)
		require.NoError(t, err)
	}
	return queues
}
