package dynamostore

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const (
	callerSort = "caller"
	// keepCaller is how long webhook and metadata outlive their job's creation.
	// When a job ends is not known then, and no job waits and runs for so long: a
	// deadline lies within a year, and SQS keeps a message for 14 days.
	keepCaller = 400 * 24 * time.Hour
)

func callerKey(id string) item {
	return item{settings.TablePartitionKey: text(jobPrefix + id), settings.TableSortKey: text(callerSort)}
}

func encodeCaller(job jobs.Job) item {
	to := callerKey(job.ID)
	setCaller(to, job)
	to[settings.TableTTL] = number(job.Created.Add(keepCaller).Unix())
	return to
}

// whole decodes a job and fetches its caller's words where they are kept apart.
func (s *Store) whole(ctx context.Context, id string, from item) (jobs.Job, error) {
	job, apart, err := decodeJob(from)
	if err != nil {
		return jobs.Job{}, failed("decoding", id, err)
	}
	if !apart {
		return job, nil
	}
	// Written before the job could be seen and never changed since, but a
	// replica may still lag behind.
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: s.table, Key: callerKey(id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return jobs.Job{}, failed("reading webhook and metadata of", id, err)
	}
	return withCaller(job, out.Item)
}

// withCaller adds the caller's words to a job. Once they have disappeared it
// has neither webhook nor metadata.
func withCaller(job jobs.Job, from item) (jobs.Job, error) {
	r := &reading{item: from}
	job.Webhook.URL, job.Metadata = r.text(aWebhook), r.texts(aMetadata)
	if job.Webhook.URL == "" {
		job.Webhook = jobs.Webhook{}
	}
	if r.err != nil {
		return jobs.Job{}, failed("decoding webhook and metadata of", job.ID, r.err)
	}
	return job, nil
}
