package doctor

import (
	"context"
	"fmt"
	"strings"
)

// Queues looks at SQS queues.
type Queues interface {
	// Queue describes the queue of a URL.
	Queue(ctx context.Context, url string) (Queue, error)
}

// Queue is one SQS queue.
type Queue struct {
	ARN string
	// Messages that wait, roughly.
	Messages int
	// DeadLetters is the ARN of the queue that takes its dead letters, or empty.
	DeadLetters string
}

// deadLetterCheck finds messages that nobody could read.
type deadLetterCheck struct {
	account Queues
	made    *inventory
	Deployment
}

// Name implements Check.
func (deadLetterCheck) Name() string { return "dead-letters" }

// What implements Check.
func (deadLetterCheck) What() string { return "the dead-letter queues are empty" }

// Run implements Check.
func (c deadLetterCheck) Run(ctx context.Context) ([]Finding, error) {
	urls, err := c.made.ofType(ctx, "AWS::SQS::Queue")
	if err != nil {
		return nil, err
	}
	urlOf, queues, sources := map[string]string{}, map[string]Queue{}, map[string][]string{}
	for _, resource := range urls {
		queue, err := c.account.Queue(ctx, resource.ID)
		if err != nil {
			return nil, fmt.Errorf("looking at queue %s: %w", resource.ID, err)
		}
		urlOf[queue.ARN], queues[queue.ARN] = resource.ID, queue
		if queue.DeadLetters != "" {
			sources[queue.DeadLetters] = append(sources[queue.DeadLetters], resource.LogicalID)
		}
	}
	var findings []Finding
	for _, resource := range urls {
		for arn, from := range sources {
			if urlOf[arn] != resource.ID || queues[arn].Messages == 0 {
				continue
			}
			findings = append(findings, finding(Warn, "read one: aws sqs receive-message --queue-url "+resource.ID,
				"%d messages of %s could not be read by anybody; the jobs themselves are in the state table", queues[arn].Messages, strings.Join(from, ", ")))
		}
	}
	if len(sources) == 0 {
		return one(Skipped, "", "there are no dead-letter queues")
	}
	return orAllWell(findings, "%d dead-letter queues", len(sources))
}
