// Package dynamostore keeps jobs in one DynamoDB table whose keys and indexes
// runtime/settings names.
//
//	item        pk                       sk                       in index
//	job         job#<id>                 job                      by-tenant, by-state
//	caller      job#<id>                 caller                   -
//	step        trail#<id>#<created>     step#<key>               -
//	checkpoint  trail#<id>#<created>     checkpoint               -
//	event       trail#<id>#<created>     event#<fence>#<sequence> -
//	API key     key#<id>                 key (runtime/keys)       -
//
// The caller item holds webhook and metadata where they are too large for an
// item that is written each 10 s; it is written with the job and never changed.
// A trail's key has the job's creation in it, so that a new job under a reused
// idempotency key does not inherit the steps of an old one.
//
// by-tenant is keyed by tenant and creation, never by state, and so is written
// once in a job's life. by-state is sparse; its shards are 0 to 7, from the job's id:
//
//	place                              due
//	queued#<worker>#<priority>#<shard> d<deadline><queued at>, or n<queued at>
//	running#<shard>                    n<started>
//	webhook#<shard>                    n<finished>
//
// Times are milliseconds in 13 digits. Deadlines sort first, so the sweeper
// reads what is overdue with one range, and the capacity controller finds the
// nearest deadline and the longest wait at the head of two ranges.
//
// A short job costs 8 write units: 3 to submit (item, by-tenant, by-state),
// 3 to claim (item, out of queued, into running), 2 to commit (item, out of
// running); at 0.625 USD a million (us-east-1, on demand,
// https://aws.amazon.com/dynamodb/pricing/on-demand/, 2026-11-24) a million of
// them are 5 USD. Each renewal is one unit more, as long as the item stays
// within [jobs.ItemSize]; lease and progress are in no index.
package dynamostore
