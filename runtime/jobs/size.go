package jobs

// ItemSize is what the item of a running job stays within, in bytes: the unit
// in which DynamoDB bills a write, by the whole item
// (https://aws.amazon.com/dynamodb/pricing/on-demand/, 2026-11-24). A running
// job is written every [RenewEvery].
const ItemSize = 1024

// InlineCaller is what webhook and metadata may take together to be kept in
// the item; beyond that they are kept apart, see [Job.CallerApart].
const InlineCaller = 200

// fixedSize is what the names of a job's attributes, its times, numbers and
// tokens take at most while it is not over; dynamostore's tests hold it to that.
const fixedSize = 336

// CallerApart tells whether webhook and metadata, which never change, are too
// large to be written again with each renewal.
func (j Job) CallerApart() bool { return j.callerSize() > InlineCaller }

func (j Job) callerSize() int {
	// A map takes 3 bytes, and one for each name and value.
	return len(j.Webhook.URL) + metadataSize(j.Metadata) + 3 + 2*len(j.Metadata)
}

// room is how many bytes are left in the item once it runs; what a running
// attempt may add counts in full.
func (j Job) room() int {
	used := fixedSize + len(j.Tenant) + len(j.Worker) + MaxOwner + MaxProgressMessage +
		MaxFailureCode + len(j.Failure.Message) + len(j.Input.ContentType) + len(j.Input.Inline)
	if j.Input.BlobKey != "" {
		used += storedKey
	}
	if !j.CallerApart() {
		used += j.callerSize()
	}
	return ItemSize - used
}

// storedKey is what the key of an input takes: stores leave out the tenant and
// the job's id, which they hold anyway.
const storedKey = 64
