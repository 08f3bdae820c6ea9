// Package documents analyses uploads: one result for each version of an object,
// however often its event comes and whatever is killed in between.
//
// A document that became a job gets its result when the job has: the end of a job
// is looked for each minute by [Processor.Collect], so that neither the worker
// nor the job knows of documents.
//
// An event starts an attempt under a record in the state table. A document that
// is too large, or would take too long, becomes a job for a worker. What cannot
// be analysed is recorded as failed, with the reason; what may work later is
// tried again by whoever sends the events.
//
// Reading objects, calling a model and keeping records are left to
// documents/s3objects, documents/modelanalyser and documents/dynamorecords.
package documents
