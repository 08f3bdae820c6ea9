package measure

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
)

// watcher keeps the last of each request, which the bare loops repeat, and
// counts what the writes take.
type watcher struct {
	mu     sync.Mutex
	put    *dynamodb.PutItemInput
	update *dynamodb.UpdateItemInput
	send   *sqs.SendMessageInput
	ledger ledger
}

// watchedTable shows a watcher what a store writes.
type watchedTable struct {
	dynamostore.Client
	watcher *watcher
}

func (t watchedTable) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	out, err := t.Client.PutItem(ctx, in, options...)
	t.watcher.mu.Lock()
	defer t.watcher.mu.Unlock()
	t.watcher.put = in
	if err == nil {
		t.watcher.ledger.written(in.Item)
	}
	return out, err
}

func (t watchedTable) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := t.Client.UpdateItem(ctx, in, options...)
	t.watcher.mu.Lock()
	defer t.watcher.mu.Unlock()
	t.watcher.update = in
	if err == nil {
		t.watcher.ledger.written(out.Attributes)
	}
	return out, err
}

// watchedQueue shows a watcher what is sent.
type watchedQueue struct {
	sqsqueue.Client
	watcher *watcher
}

func (q watchedQueue) SendMessage(ctx context.Context, in *sqs.SendMessageInput, options ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.watcher.mu.Lock()
	q.watcher.send = in
	q.watcher.mu.Unlock()
	return q.Client.SendMessage(ctx, in, options...)
}
