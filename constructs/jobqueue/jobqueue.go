// Package jobqueue is the SQS queue of one worker and priority, and where its
// malformed messages end. A message only says that a job may be runnable: the
// truth is in the state table.
package jobqueue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// Lease is how long a message stays invisible and a job stays leased without
// being renewed, in seconds. A killed worker's job is seen again after it.
const Lease = 30

// maxReceives is the most that SQS allows. Interruptions are not failures, so
// only a message that no program can read should end in the dead-letter queue
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html, 2026-11-24).
const maxReceives = 1000

// Props of a [JobQueue].
type Props struct {
	// Visibility of a received message.
	//
	// Default: 30 seconds, the lease of a job.
	Visibility awscdk.Duration
	// MaxReceives before a message goes to the dead-letter queue, 1 to 1000.
	//
	// Default: 1000.
	MaxReceives float64
	// Key encrypts the messages.
	//
	// Default: - a key that SQS manages.
	Key awskms.IKey
}

// JobQueue is a queue with its dead-letter queue.
type JobQueue struct {
	construct   constructs.Construct
	queue       awssqs.Queue
	deadLetters awssqs.Queue
	key         awskms.IKey
	// Asked for once: each question goes through jsii.
	name, arn, deadLettersARN string
}

// New creates the two queues. Tenants share them fairly: senders set the
// message group to the tenant, which standard queues honour
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html, 2026-11-24).
func New(scope constructs.Construct, id string, props *Props) *JobQueue {
	this := constructs.NewConstruct(scope, &id)
	visibility, receives := props.Visibility, props.MaxReceives
	if visibility == nil {
		visibility = awscdk.Duration_Seconds(jsii.Number(Lease))
	}
	if receives == 0 {
		receives = maxReceives
	}
	retention := awscdk.Duration_Days(jsii.Number(14))
	deadLetters := newQueue(this, "DeadLetters", props.Key, &awssqs.QueueProps{RetentionPeriod: retention})
	queue := newQueue(this, "Queue", props.Key, &awssqs.QueueProps{
		RetentionPeriod:        retention,
		VisibilityTimeout:      visibility,
		ReceiveMessageWaitTime: awscdk.Duration_Seconds(jsii.Number(20)),
		DeadLetterQueue:        &awssqs.DeadLetterQueue{Queue: deadLetters, MaxReceiveCount: jsii.Number(receives)},
	})
	itself := accepted.Finding{Rule: "AwsSolutions-SQS3", Reason: "This queue is itself the dead-letter queue."}
	if props.Key == nil {
		managed := accepted.Finding{Rule: "CKV_AWS_27", Reason: "Encrypted with a key that SQS manages; messages hold ids only. state.customerKey makes it a key of your own."}
		accepted.OnResource(queue, managed)
		accepted.OnResource(deadLetters, itself, managed)
	} else {
		accepted.OnResource(deadLetters, itself)
	}
	return &JobQueue{construct: this, queue: queue, deadLetters: deadLetters, key: props.Key, name: *queue.QueueName(),
		arn: *queue.QueueArn(), deadLettersARN: *deadLetters.QueueArn()}
}

func newQueue(scope constructs.Construct, id string, key awskms.IKey, props *awssqs.QueueProps) awssqs.Queue {
	props.EnforceSSL = jsii.Bool(true)
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	if key != nil {
		props.Encryption, props.EncryptionMasterKey = awssqs.QueueEncryption_KMS, key
	}
	return awssqs.NewQueue(scope, &id, props)
}

// Construct is the scope that holds the queues.
func (q *JobQueue) Construct() constructs.Construct { return q.construct }

// Queue takes messages.
func (q *JobQueue) Queue() awssqs.IQueue { return q.queue }

// Name of the queue; each IQueue.QueueName() would ask jsii again.
func (q *JobQueue) Name() string { return q.name }

// DeadLetters takes what could not be read.
func (q *JobQueue) DeadLetters() awssqs.IQueue { return q.deadLetters }

// MetricVisible is how many messages wait.
func (q *JobQueue) MetricVisible(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return q.queue.MetricApproximateNumberOfMessagesVisible(options)
}

// MetricInFlight is how many messages are being worked on.
func (q *JobQueue) MetricInFlight(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return q.queue.MetricApproximateNumberOfMessagesNotVisible(options)
}

// MetricOldest is the age of the oldest waiting message, in seconds.
func (q *JobQueue) MetricOldest(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return q.queue.MetricApproximateAgeOfOldestMessage(options)
}

// MetricDeadLetters is how many messages no program could read.
func (q *JobQueue) MetricDeadLetters(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return q.deadLetters.MetricApproximateNumberOfMessagesVisible(options)
}
