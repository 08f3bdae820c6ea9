package dynamostore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// Names of the attributes of a job beside those that settings names. They are
// short because DynamoDB bills them with each write, and none is a reserved word.
const (
	aWorker        = "wrk"
	aPriority      = "prio"
	aState         = "stat"
	aRevision      = "revn"
	aHash          = "rhash"
	aInput         = "in"
	aResult        = "out"
	aFailureCode   = "fcod"
	aFailureText   = "fmsg"
	aAttempts      = "atts"
	aInterruptions = "intr"
	aFence         = "fenc"
	aOwner         = "ownr"
	aUntil         = "till"
	aClaimToken    = "ctok"
	aCommitToken   = "mtok"
	aWriteToken    = "wtok"
	aNotBefore     = "nbef"
	aDeadline      = "dead"
	aCancel        = "cncl"
	aDrainBy       = "drby"
	aPercent       = "ppct"
	aProgressText  = "pmsg"
	aUpdated       = "updt"
	aQueuedAt      = "qued"
	aStarted       = "strt"
	aFinished      = "fini"
	aWebhook       = "hook"
	aWebhookState  = "hsta"
	aWebhookTries  = "hatt"
	aWebhookError  = "herr"
	aMetadata      = "meta"
	aCallerApart   = "apar"
)

const (
	jobPrefix = "job#"
	jobSort   = "job"
)

func jobKey(id string) item {
	return item{settings.TablePartitionKey: text(jobPrefix + id), settings.TableSortKey: text(jobSort)}
}

// encodeJob makes the item of a job, without its caller's words if those are
// kept apart.
func encodeJob(job jobs.Job) item {
	to := jobKey(job.ID)
	setText(to, settings.TenantIndexPartitionKey, job.Tenant)
	to[settings.TenantIndexSortKey] = moment(job.Created)
	if shard, due, found := placeOf(job); found {
		to[settings.StateIndexPartitionKey] = text(shard)
		to[settings.StateIndexSortKey] = text(due)
	}
	if !job.ExpiresAt.IsZero() {
		to[settings.TableTTL] = number(job.ExpiresAt.Unix())
	}
	setText(to, aWorker, job.Worker)
	setText(to, aPriority, string(job.Priority))
	setText(to, aState, string(job.State))
	setBytes(to, aHash, job.RequestHash)
	setPayload(to, aInput, job.Input)
	if to[aInput+"k"] != nil {
		to[aInput+"k"] = text(job.CompactKey(job.Input.BlobKey))
	}
	setPayload(to, aResult, job.Result)
	setText(to, aFailureCode, job.Failure.Code)
	setText(to, aFailureText, job.Failure.Message)
	// Conditions and additions need these even when they are zero.
	to[aRevision] = number(job.Revision)
	to[aAttempts] = number(int64(job.Attempts))
	to[aInterruptions] = number(int64(job.Interruptions))
	to[aFence] = number(job.Fence)
	setText(to, aOwner, job.Lease.Owner)
	setMoment(to, aUntil, job.Lease.Until)
	setText(to, aClaimToken, job.ClaimToken)
	setText(to, aCommitToken, job.CommitToken)
	setText(to, aWriteToken, job.WriteToken)
	setMoment(to, aNotBefore, job.NotBefore)
	setMoment(to, aDeadline, job.Deadline)
	setFlag(to, aCancel, job.CancelRequested)
	setMoment(to, aDrainBy, job.DrainBy)
	setProgress(to, job.Progress)
	setMoment(to, aUpdated, job.Updated)
	setMoment(to, aQueuedAt, job.QueuedAt)
	setMoment(to, aStarted, job.Started)
	setMoment(to, aFinished, job.Finished)
	if job.Webhook.URL != "" {
		to[aWebhookState] = text(webhookState(job.Webhook.State))
	}
	setNumber(to, aWebhookTries, int64(job.Webhook.Attempts))
	setText(to, aWebhookError, job.Webhook.LastError)
	if job.CallerApart() {
		setFlag(to, aCallerApart, true)
	} else {
		setCaller(to, job)
	}
	return to
}

// noDelivery stands for [jobs.DeliveryNone], so that the attribute itself tells
// that there is a webhook.
const noDelivery = "none"

func webhookState(state jobs.DeliveryState) string {
	if state == jobs.DeliveryNone {
		return noDelivery
	}
	return string(state)
}

func (r *reading) webhookState() jobs.DeliveryState {
	if state := r.text(aWebhookState); state != noDelivery {
		return jobs.DeliveryState(state)
	}
	return jobs.DeliveryNone
}

func setCaller(to item, job jobs.Job) {
	setText(to, aWebhook, job.Webhook.URL)
	if len(job.Metadata) == 0 {
		return
	}
	members := make(item, len(job.Metadata))
	for key, value := range job.Metadata {
		members[key] = text(value)
	}
	to[aMetadata] = &types.AttributeValueMemberM{Value: members}
}

func setProgress(to item, progress jobs.Progress) {
	if progress.Percent != 0 {
		to[aPercent] = &types.AttributeValueMemberN{Value: percent(progress.Percent)}
	}
	setText(to, aProgressText, progress.Message)
}

func percent(value float64) string { return strconv.FormatFloat(value, 'f', 2, 64) }

func setPayload(to item, prefix string, payload jobs.Payload) {
	setBytes(to, prefix+"b", payload.Inline)
	setText(to, prefix+"k", payload.BlobKey)
	setText(to, prefix+"c", payload.ContentType)
	setNumber(to, prefix+"n", payload.Size)
}

// errDamaged: an item that this package has not written.
var errDamaged = errors.New("the item is not one of a job")

// decodeJob reads what encodeJob made. The caller's words are missing if
// apart is true.
func decodeJob(from item) (job jobs.Job, apart bool, err error) {
	r := &reading{item: from}
	id, found := strings.CutPrefix(r.text(settings.TablePartitionKey), jobPrefix)
	if !found || r.text(settings.TableSortKey) != jobSort {
		return jobs.Job{}, false, errDamaged
	}
	job = jobs.Job{
		ID: id, Tenant: r.text(settings.TenantIndexPartitionKey), Created: r.moment(settings.TenantIndexSortKey),
		ExpiresAt: r.expiry(), Worker: r.text(aWorker), Priority: jobs.Priority(r.text(aPriority)),
		State: jobs.State(r.text(aState)), Revision: r.number(aRevision), RequestHash: r.bytes(aHash),
		Failure:  jobs.Failure{Code: r.text(aFailureCode), Message: r.text(aFailureText)},
		Attempts: r.count(aAttempts), Interruptions: r.count(aInterruptions), Fence: r.number(aFence),
		Lease:      jobs.Lease{Owner: r.text(aOwner), Until: r.moment(aUntil)},
		ClaimToken: r.text(aClaimToken), CommitToken: r.text(aCommitToken), WriteToken: r.text(aWriteToken),
		NotBefore: r.moment(aNotBefore), Deadline: r.moment(aDeadline),
		CancelRequested: r.flag(aCancel), DrainBy: r.moment(aDrainBy),
		Progress: jobs.Progress{Percent: r.float(aPercent), Message: r.text(aProgressText)},
		Updated:  r.moment(aUpdated), QueuedAt: r.moment(aQueuedAt), Started: r.moment(aStarted), Finished: r.moment(aFinished),
		Webhook: jobs.Webhook{URL: r.text(aWebhook), State: r.webhookState(),
			Attempts: r.count(aWebhookTries), LastError: r.text(aWebhookError)},
		Metadata: r.texts(aMetadata),
	}
	job.Input, job.Result = r.payload(aInput), r.payload(aResult)
	job.Input.BlobKey = job.ExpandKey(job.Input.BlobKey)
	if r.err == nil && !job.State.Valid() {
		r.err = fmt.Errorf("%w: its state is %q", errDamaged, job.State)
	}
	return job, r.flag(aCallerApart), r.err
}

func (r *reading) payload(prefix string) jobs.Payload {
	return jobs.Payload{
		Inline: r.bytes(prefix + "b"), BlobKey: r.text(prefix + "k"),
		ContentType: r.text(prefix + "c"), Size: r.number(prefix + "n"),
	}
}

// placeOf returns the job's place in the index by state; false where nothing
// waits for it.
func placeOf(job jobs.Job) (partition, sort string, found bool) {
	switch {
	case job.State == jobs.Queued && !job.Deadline.IsZero():
		return queuedPartition(job.Lane(), jobs.ShardOf(job.ID)), "d" + digits(job.Deadline) + digits(job.QueuedAt), true
	case job.State == jobs.Queued:
		return queuedPartition(job.Lane(), jobs.ShardOf(job.ID)), "n" + digits(job.QueuedAt), true
	case job.State == jobs.Running:
		return runningPartition(jobs.ShardOf(job.ID)), "n" + digits(job.Started), true
	case job.Webhook.State == jobs.DeliveryPending:
		return webhookPartition(jobs.ShardOf(job.ID)), "n" + digits(job.Finished), true
	default:
		return "", "", false
	}
}

func queuedPartition(lane jobs.Lane, shard int) string {
	return "queued#" + lane.Worker + "#" + string(lane.Priority) + "#" + strconv.Itoa(shard)
}

func runningPartition(shard int) string { return "running#" + strconv.Itoa(shard) }

func webhookPartition(shard int) string { return "webhook#" + strconv.Itoa(shard) }

// digits renders a time so that strings sort as times do.
func digits(at time.Time) string { return fmt.Sprintf("%013d", max(0, at.UnixMilli())) }
