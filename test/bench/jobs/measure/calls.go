package measure

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"tandem/prices"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

// The targets of a short job.
const (
	mostCalls       = 4.3
	mostMillionUSD  = 8.0
	countedJobs     = 1000
	lambdaMemory    = 0.5   // GB, api.memory in config/base.yaml
	lambdaSubmitFor = 0.015 // seconds: a put and a send inside one region
)

// calls are counted on their way to the emulator, write units by DynamoDB's rules.
func (b *Bench) calls(ctx context.Context) ([]Row, error) {
	table, err := prices.Load()
	if err != nil {
		return nil, err
	}
	used, err := countCalls(ctx, countedJobs)
	if err != nil {
		return nil, err
	}
	bill, err := used.price(table)
	if err != nil {
		return nil, err
	}
	peer, err := ofCortex.price(table)
	if err != nil {
		return nil, err
	}
	return []Row{
		{What: "AWS calls a short job, 10 slots, counted on the wire", Measured: fmt.Sprintf("%.2f", used.callsAJob()),
			Beside: used.String(), Target: "4.3", Met: used.callsAJob() <= mostCalls},
		{What: "a million short jobs, without API Gateway", Measured: fmt.Sprintf("%.2f USD", bill.calls()),
			Beside: fmt.Sprintf("%.2f USD DynamoDB (%.1f write units a job, %.1f of them of indexes), %.2f SQS, %.2f S3; with the Lambda function %.2f in all (512 MiB, 15 ms a submit); Cortex's calls %.2f",
				bill.dynamo, used.table+used.index, used.index, bill.sqs, bill.s3, bill.calls()+bill.lambda, peer.calls()),
			Target: "8 USD", Met: bill.calls() <= mostMillionUSD},
	}, nil
}

// ofCortex is what one job of Cortex's takes, counted in its source (pkg/async-gateway
// and pkg/dequeuer of version 0.42, 2026-11-24): three objects on submit; two
// states and a result, and payload and headers read, by the dequeuer. Its deletion
// of the payload is free, its FIFO requests are priced as standard ones.
var ofCortex = usage{jobs: 1, calls: map[string]int{"S3 PUT": 6, "S3 GET": 2, "SendMessage": 1, "ReceiveMessage": 1, "DeleteMessageBatch": 1}}

// usage is what some jobs took of AWS.
type usage struct {
	jobs int
	// calls by operation, such as PutItem; those of S3 by method.
	calls map[string]int
	// Write units a job.
	table, index float64
}

func (u usage) callsAJob() float64 {
	total := 0
	for _, count := range u.calls {
		total += count
	}
	return float64(total) / float64(u.jobs)
}

func (u usage) String() string {
	var parts []string
	for _, operation := range slices.Sorted(maps.Keys(u.calls)) {
		parts = append(parts, fmt.Sprintf("%s %.2f", operation, float64(u.calls[operation])/float64(u.jobs)))
	}
	return strings.Join(parts, ", ")
}

// bill is USD for a million jobs.
type bill struct{ dynamo, sqs, s3, lambda float64 }

func (b bill) calls() float64 { return b.dynamo + b.sqs + b.s3 }

// price is what a million jobs cost that use AWS like these.
func (u usage) price(table *prices.Table) (bill, error) {
	var out bill
	for _, position := range []struct {
		to            *float64
		service, item string
		amount        float64
	}{
		{&out.dynamo, "dynamodb", "on-demand write unit", u.table + u.index},
		{&out.dynamo, "dynamodb", "on-demand read unit", u.aJob("GetItem", "Query")},
		{&out.sqs, "sqs", "standard requests", u.aJob("SendMessage", "ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")},
		{&out.s3, "s3", "PUT COPY POST LIST", u.aJob("S3 PUT", "S3 POST")},
		{&out.s3, "s3", "GET", u.aJob("S3 GET", "S3 HEAD")},
		{&out.lambda, "lambda", "requests", 1},
		{&out.lambda, "lambda", "arm duration", lambdaMemory * lambdaSubmitFor},
	} {
		price, err := table.Service(position.service, position.item)
		if err != nil {
			return bill{}, err
		}
		*position.to += 1e6 * position.amount * price.Each()
	}
	return out, nil
}

func (u usage) aJob(operations ...string) float64 {
	total := 0
	for _, operation := range operations {
		total += u.calls[operation]
	}
	return float64(total) / float64(u.jobs)
}

// counter counts requests by operation on their way out, repeated ones too.
type counter struct {
	client aws.HTTPClient
	mu     sync.Mutex
	calls  map[string]int
}

// Do implements aws.HTTPClient.
func (c *counter) Do(request *http.Request) (*http.Response, error) {
	_, operation, named := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	if !named {
		operation = "S3 " + request.Method
	}
	c.mu.Lock()
	c.calls[operation]++
	c.mu.Unlock()
	return c.client.Do(request)
}

// countCalls takes jobs through the API and a worker with ten slots.
func countCalls(ctx context.Context, count int) (usage, error) {
	c, err := newCloud(ctx)
	if err != nil {
		return usage{}, err
	}
	defer c.stop()
	counted := &counter{client: awshttp.NewBuildableClient(), calls: map[string]int{}}
	config := c.config.Copy()
	config.HTTPClient = counted
	watch := &watcher{}
	d := c.deploy(config, watch)
	handler, key, err := newAPI(ctx, d.service)
	if err != nil {
		return usage{}, err
	}
	if _, err := spread(count, func() error { return submitTo(ctx, handler, key) }); err != nil {
		return usage{}, err
	}
	if err := runAll(ctx, d, count); err != nil {
		return usage{}, err
	}
	watch.mu.Lock()
	defer watch.mu.Unlock()
	return usage{jobs: count, calls: counted.calls, table: watch.ledger.table / float64(count), index: watch.ledger.index / float64(count)}, nil
}

// runAll runs a worker until so many jobs are done and their messages deleted.
func runAll(ctx context.Context, d *deployment, count int) error {
	model := &noop{done: make(chan struct{}), left: count}
	w, err := worker.New(worker.Options{
		Name: workerName, Runner: d.runner, Queue: d.queue, Blobs: d.blobs, Container: model, Clock: d.clock,
		Timeout: time.Minute, StopTimeout: 5 * time.Second, PollWait: time.Second, Slots: drainSlots,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	go func() {
		select {
		case <-model.done:
		case <-ctx.Done():
		}
		stop()
	}()
	if err := w.Run(ctx); err != nil {
		return err
	}
	if model.left > 0 {
		return fmt.Errorf("%d jobs were not run", model.left)
	}
	return nil
}

// noop is a container in this process that does nothing.
type noop struct {
	mu   sync.Mutex
	left int
	done chan struct{}
}

// Ping implements worker.Container.
func (*noop) Ping(context.Context) error { return nil }

// Invoke implements worker.Container.
func (n *noop) Invoke(context.Context, container.Call) (container.Answer, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.left--; n.left == 0 {
		close(n.done)
	}
	return container.Answer{ContentType: "application/json", Size: int64(len(noResult)), Body: io.NopCloser(strings.NewReader(noResult))}, nil
}
