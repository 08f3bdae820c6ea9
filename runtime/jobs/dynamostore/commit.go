package dynamostore

import (
	"context"
	"errors"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// A commit is one update without a read before it, so it does not know whether
// a webhook waits. It is tried as if none did, which the condition checks, and
// again with the webhook pending; only jobs with a webhook pay for the second.
const (
	ifSilent = ifHeld + " AND attribute_not_exists(" + aWebhookState + ")"
	ifNotify = ifHeld + " AND attribute_exists(" + aWebhookState + ")"

	setCommitted = "SET " + aState + " = :succeeded, " + aCommitToken + " = :token, " +
		aFinished + " = :now, " + aUpdated + " = :now, " + settings.TableTTL + " = :expires"
	addRevision  = " ADD " + aRevision + " :one"
	notHeld      = " REMOVE " + aOwner + ", " + aUntil + ", " + aNotBefore + ", " + aDrainBy
	notFound     = ", " + settings.StateIndexPartitionKey + ", " + settings.StateIndexSortKey
	foundWebhook = ", " + aWebhookState + " = :pending, " +
		settings.StateIndexPartitionKey + " = :shard, " + settings.StateIndexSortKey + " = :due"
)

// Commit implements jobs.Leases.
func (s *Store) Commit(ctx context.Context, commit jobs.Commit) (jobs.Job, error) {
	job, err := s.commit(ctx, commit, ifSilent, "", notFound, nil)
	var conflict *jobs.StateError
	if errors.As(err, &conflict) && conflict.Job.Holds(commit.Held) {
		return s.commit(ctx, commit, ifNotify, foundWebhook, "", item{
			":pending": text(string(jobs.DeliveryPending)),
			":shard":   text(webhookPartition(jobs.ShardOf(commit.ID))), ":due": text("n" + digits(commit.Now)),
		})
	}
	return job, err
}

func (s *Store) commit(ctx context.Context, commit jobs.Commit, condition, set, remove string, more item) (jobs.Job, error) {
	values := heldValues(commit.Held)
	for name, value := range more {
		values[name] = value
	}
	values[":succeeded"], values[":token"] = text(string(jobs.Succeeded)), text(commit.Token)
	values[":now"], values[":expires"], values[":one"] = moment(commit.Now), number(commit.ExpiresAt.Unix()), number(1)
	result := item{}
	setPayload(result, aResult, commit.Result)
	for name, value := range result {
		set += ", " + name + " = :" + name
		values[":"+name] = value
	}
	return s.update(ctx, "committing", commit.ID, condition, setCommitted+set+notHeld+remove+addRevision, values,
		func(job jobs.Job) bool { return job.CommittedBy(commit) })
}
