package dynamostore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const callerSort = "caller"

func callerKey(id string) item {
	return item{settings.TablePartitionKey: text(jobPrefix + id), settings.TableSortKey: text(callerSort)}
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

func withCaller(job jobs.Job, from item) (jobs.Job, error) {
	if len(from) == 0 {
		return jobs.Job{}, fmt.Errorf("decoding job %s: %w: its webhook and metadata are gone", job.ID, errDamaged)
	}
	r := &reading{item: from}
	job.Webhook.URL, job.Metadata = r.text(aWebhook), r.texts(aMetadata)
	if r.err != nil {
		return jobs.Job{}, failed("decoding webhook and metadata of", job.ID, r.err)
	}
	return job, nil
}
