package dynamostore

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// The expressions say what the functions of the same names in package jobs do;
// jobstest holds both against each other.
const (
	ifClaimable = aState + " = :queued AND (attribute_not_exists(" + aNotBefore + ") OR " + aNotBefore + " <= :now)" +
		" AND (attribute_not_exists(" + aDeadline + ") OR " + aDeadline + " > :now)" +
		" AND " + aInterruptions + " <= :most"

	setClaimed = "SET " + aState + " = :running, " + aOwner + " = :owner, " + aUntil + " = :until, " +
		aClaimToken + " = :token, " + aStarted + " = :now, " + aUpdated + " = :now, " +
		settings.StateIndexPartitionKey + " = :shard, " + settings.StateIndexSortKey + " = :due " +
		"REMOVE " + aNotBefore + ", " + aDrainBy + ", " + aPercent + ", " + aProgressText + ", " + aCommitToken + " " +
		"ADD " + aFence + " :one, " + aAttempts + " :one, " + aRevision + " :one"

	ifHeld = aState + " = :running AND " + aFence + " = :fence AND " + settings.TenantIndexSortKey + " = :created"
)

// Claim implements jobs.Leases.
func (s *Store) Claim(ctx context.Context, claim jobs.Claim) (jobs.Job, error) {
	shard := jobs.ShardOf(claim.ID)
	return s.update(ctx, "claiming", claim.ID, ifClaimable, setClaimed, item{
		":queued": text(string(jobs.Queued)), ":running": text(string(jobs.Running)),
		":now": moment(claim.Now), ":until": moment(claim.Until), ":most": number(int64(claim.MaxInterruptions)),
		":owner": text(claim.Owner), ":token": text(claim.Token), ":one": number(1),
		":shard": text(runningPartition(shard)), ":due": text("n" + digits(claim.Now)),
	}, func(job jobs.Job) bool { return job.ClaimedBy(claim) })
}

// Renew implements jobs.Leases.
func (s *Store) Renew(ctx context.Context, renewal jobs.Renewal) (jobs.Job, error) {
	values := heldValues(renewal.Held)
	values[":now"], values[":until"], values[":one"] = moment(renewal.Now), moment(renewal.Until), number(1)
	set, remove := "SET "+aUntil+" = :until, "+aUpdated+" = :now", ""
	if renewal.Progress != nil {
		set, remove = progressUpdate(set, *renewal.Progress, values)
	}
	return s.update(ctx, "renewing the lease of", renewal.ID, ifHeld, set+remove+" ADD "+aRevision+" :one", values, nil)
}

// progressUpdate leaves out what is empty, as encodeJob does.
func progressUpdate(set string, progress jobs.Progress, values item) (string, string) {
	var gone []string
	if progress.Percent != 0 {
		set += ", " + aPercent + " = :percent"
		values[":percent"] = &types.AttributeValueMemberN{Value: percent(progress.Percent)}
	} else {
		gone = append(gone, aPercent)
	}
	if progress.Message != "" {
		set += ", " + aProgressText + " = :message"
		values[":message"] = text(progress.Message)
	} else {
		gone = append(gone, aProgressText)
	}
	if len(gone) == 0 {
		return set, ""
	}
	return set, " REMOVE " + strings.Join(gone, ", ")
}

func heldValues(held jobs.Held) item {
	return item{":running": text(string(jobs.Running)), ":fence": number(held.Fence), ":created": moment(held.Created)}
}

// update runs one conditional update and returns the job that it left behind.
func (s *Store) update(ctx context.Context, doing, id, condition, update string, values item, done func(jobs.Job) bool) (jobs.Job, error) {
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.table, Key: jobKey(id),
		ConditionExpression: aws.String(condition), UpdateExpression: aws.String(update),
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	existing, refused := refusedBy(err)
	switch {
	case refused:
		err := s.refuse(ctx, jobs.ErrConflict, id, existing)
		var conflict *jobs.StateError
		if errors.As(err, &conflict) && done != nil && done(conflict.Job) {
			return conflict.Job, nil
		}
		return jobs.Job{}, err
	case err != nil:
		return jobs.Job{}, failed(doing, id, err)
	default:
		return s.whole(ctx, id, out.Attributes)
	}
}
