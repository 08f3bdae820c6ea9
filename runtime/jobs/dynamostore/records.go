package dynamostore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const ifNew = "attribute_not_exists(" + settings.TablePartitionKey + ") OR " + settings.TableTTL + " <= :created"

// Create implements jobs.Records: one conditional put, or two in a transaction
// where the caller's words are kept apart.
func (s *Store) Create(ctx context.Context, job jobs.Job) error {
	values := item{":created": number(job.Created.Unix())}
	if job.CallerApart() {
		return s.createApart(ctx, job, values)
	}
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.table, Item: encodeJob(job),
		ConditionExpression: aws.String(ifNew), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if existing, refused := refusedBy(err); refused {
		return unlessWritten(s.refuse(ctx, jobs.ErrExists, job.ID, existing), job)
	}
	if err != nil {
		return failed("creating", job.ID, err)
	}
	return nil
}

func (s *Store) createApart(ctx context.Context, job jobs.Job, values item) error {
	reasons, err := s.transact(ctx, []types.TransactWriteItem{
		{Put: &types.Put{
			TableName: s.table, Item: encodeJob(job),
			ConditionExpression: aws.String(ifNew), ExpressionAttributeValues: values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}},
		{Put: &types.Put{TableName: s.table, Item: encodeCaller(job)}},
	})
	if err != nil {
		return failed("creating", job.ID, err)
	}
	if reasons != nil {
		return unlessWritten(s.refuse(ctx, jobs.ErrExists, job.ID, reasons[0].Item), job)
	}
	return nil
}

// Get implements jobs.Records.
func (s *Store) Get(ctx context.Context, id string) (jobs.Job, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: s.table, Key: jobKey(id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return jobs.Job{}, failed("reading", id, err)
	}
	if len(out.Item) == 0 {
		return jobs.Job{}, jobs.ErrNotFound
	}
	return s.whole(ctx, id, out.Item)
}

// Replace implements jobs.Records.
func (s *Store) Replace(ctx context.Context, job jobs.Job) error {
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.table, Item: encodeJob(job),
		ConditionExpression:                 aws.String(aRevision + " = :before"),
		ExpressionAttributeValues:           item{":before": number(job.Revision - 1)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	existing, refused := refusedBy(err)
	switch {
	case refused && len(existing) == 0:
		return jobs.ErrNotFound
	case refused:
		return unlessWritten(s.refuse(ctx, jobs.ErrConflict, job.ID, existing), job)
	case err != nil:
		return failed("writing", job.ID, err)
	default:
		return nil
	}
}

// unlessWritten turns a refusal into success if the job that refused bears the
// token of this very write: its answer was lost and the SDK sent it again.
func unlessWritten(err error, job jobs.Job) error {
	var refused *jobs.StateError
	if errors.As(err, &refused) && job.WriteToken != "" && refused.Job.WriteToken == job.WriteToken {
		return nil
	}
	return err
}

// refuse reports a failed condition with the job that made it fail.
func (s *Store) refuse(ctx context.Context, reason error, id string, existing item) error {
	if len(existing) == 0 {
		return jobs.ErrNotFound
	}
	job, err := s.whole(ctx, id, existing)
	if err != nil {
		return err
	}
	return &jobs.StateError{Err: reason, Job: job}
}
