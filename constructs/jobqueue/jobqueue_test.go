package jobqueue_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/jobqueue"
)

func TestAMessageReappearsAsSoonAsALeaseEnds(t *testing.T) {
	stack := constructstest.Stack(t)
	jobqueue.New(stack, "Jobs", &jobqueue.Props{})
	template := constructstest.Template(t, stack)

	queues := template.All("AWS::SQS::Queue")
	require.Len(t, queues, 2)
	template.HasResourceProperties(jsii.String("AWS::SQS::Queue"), map[string]any{
		"VisibilityTimeout":             jobqueue.Lease,
		"ReceiveMessageWaitTimeSeconds": 20,
		"RedrivePolicy":                 map[string]any{"maxReceiveCount": 1000},
	})
	for _, queue := range queues {
		require.EqualValues(t, 14*24*3600, queue.Properties["MessageRetentionPeriod"])
		require.Equal(t, true, queue.Properties["SqsManagedSseEnabled"])
	}
}

func TestOnlyTLSReachesAQueue(t *testing.T) {
	stack := constructstest.Stack(t)
	jobqueue.New(stack, "Jobs", &jobqueue.Props{})
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	policies := template.All("AWS::SQS::QueuePolicy")
	require.Len(t, policies, 2)
	for _, policy := range policies {
		require.Contains(t, constructstest.Text(t, policy.Properties), `"aws:SecureTransport":"false"`)
	}
	constructstest.RequireNoFindings(t, stack)
}

func TestAWorkerMayNotReadTheDeadLetters(t *testing.T) {
	stack := constructstest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	queue := jobqueue.New(stack, "Jobs", &jobqueue.Props{})
	queue.GrantWork(role)
	template := constructstest.Template(t, stack)

	policy := constructstest.Text(t, template.One(t, "AWS::IAM::Policy").Properties["PolicyDocument"])
	for _, action := range []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage"} {
		require.Contains(t, policy, action)
	}
	require.NotContains(t, policy, "sqs:*")
	require.NotContains(t, policy, "DeadLetters")
}

func TestQueuesAreGrantedTogetherAndTheirKeyOnce(t *testing.T) {
	stack := constructstest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	queues := jobqueue.Queues{
		jobqueue.New(stack, "High", &jobqueue.Props{Key: key}), jobqueue.New(stack, "Low", &jobqueue.Props{Key: key}),
	}
	queues.GrantSend(role)
	queues.GrantObserve(role)
	template := constructstest.Template(t, stack)

	statements := constructstest.At(t, template.One(t, "AWS::IAM::Policy").Properties, "PolicyDocument", "Statement").([]any)
	resources := map[any]int{}
	for _, statement := range statements {
		action := statement.(map[string]any)["Action"]
		if list, isList := action.([]any); isList {
			action = list[0]
		}
		list, isList := statement.(map[string]any)["Resource"].([]any)
		if !isList {
			list = []any{nil}
		}
		resources[action] += len(list)
	}
	require.Equal(t, map[any]int{"kms:Decrypt": 1, "sqs:SendMessage": 2, "sqs:GetQueueAttributes": 4}, resources)
}
