package jobqueue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// GrantSend allows sqs:SendMessage, and use of the key where there is one.
func (q *JobQueue) GrantSend(grantee awsiam.IGrantable) awsiam.Grant {
	return Queues{q}.GrantSend(grantee)
}

// GrantWork allows sqs:ReceiveMessage, DeleteMessage, ChangeMessageVisibility
// and SendMessage: a worker also announces jobs again.
func (q *JobQueue) GrantWork(grantee awsiam.IGrantable) awsiam.Grant {
	return Queues{q}.GrantWork(grantee)
}

// GrantObserve allows sqs:GetQueueAttributes on both queues.
func (q *JobQueue) GrantObserve(grantee awsiam.IGrantable) awsiam.Grant {
	return Queues{q}.GrantObserve(grantee)
}

// Queues are at least one, granted together: by one statement, and one for
// each key that they have.
type Queues []*JobQueue

// GrantSend is [JobQueue.GrantSend] for all.
func (q Queues) GrantSend(grantee awsiam.IGrantable) awsiam.Grant {
	q.grantKeys(grantee)
	return grant(grantee, q.arns(), "sqs:SendMessage")
}

// GrantWork is [JobQueue.GrantWork] for all.
func (q Queues) GrantWork(grantee awsiam.IGrantable) awsiam.Grant {
	q.grantKeys(grantee)
	return grant(grantee, q.arns(), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage")
}

// GrantObserve is [JobQueue.GrantObserve] for all.
func (q Queues) GrantObserve(grantee awsiam.IGrantable) awsiam.Grant {
	arns := q.arns()
	for _, each := range q {
		arns = append(arns, &each.deadLettersARN)
	}
	return grant(grantee, arns, "sqs:GetQueueAttributes")
}

func (q Queues) grantKeys(grantee awsiam.IGrantable) {
	given := map[awskms.IKey]bool{}
	for _, each := range q {
		if each.key != nil && !given[each.key] {
			given[each.key] = true
			each.key.Grant(grantee, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey"))
		}
	}
}

func (q Queues) arns() []*string {
	var arns []*string
	for _, each := range q {
		arns = append(arns, &each.arn)
	}
	return arns
}

func grant(grantee awsiam.IGrantable, resources []*string, actions ...string) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &resources,
	})
}
