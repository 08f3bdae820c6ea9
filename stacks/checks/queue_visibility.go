package checks

import (
	"fmt"

	"tandem/config"
)

const (
	typeQueue       = "AWS::SQS::Queue"
	typeFunction    = "AWS::Lambda::Function"
	typeEventSource = "AWS::Lambda::EventSourceMapping"

	// What Lambda and SQS take where nothing is said, in seconds.
	functionTimeout = 3
	queueTimeout    = 30
	// visibilityFactor is how many times a function's timeout its queue should wait.
	visibilityFactor = 6
)

func queueVisibility() rule {
	return rule{Rule{
		Name:     "queue-visibility",
		Severity: Error,
		What: "A queue that a function reads from has a visibility timeout of at least 6 times the function's timeout, plus the batching window. " +
			"No queue has more than 12 h.",
		Why: "A message that becomes visible while its function still works, or waits for a throttled one, is delivered twice. " +
			"Below the function's timeout Lambda refuses the event source, above 12 h SQS the queue.",
		Source: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, " +
			"https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html",
		Checked: read,
	}, func(c *checker) {
		for _, source := range c.All(typeEventSource) {
			c.compareVisibility(source)
		}
		for _, queue := range c.All(typeQueue) {
			limit := config.SQSVisibility.Seconds()
			if seconds, known := queue.Prop("VisibilityTimeout").NumberOr(queueTimeout); known && seconds > limit {
				c.report(queue, problem{
					found: fmt.Sprintf("a visibility timeout of %g s", seconds), expected: fmt.Sprintf("at most %g s", limit), fix: "lower it and renew",
				})
			}
		}
	}}
}

func (c *checker) compareVisibility(source *resource) {
	queue := source.Prop("EventSourceArn").Ref(typeQueue)
	function := source.Prop("FunctionName").Ref(typeFunction)
	if queue == nil || function == nil {
		return
	}
	visibility, knownVisibility := queue.Prop("VisibilityTimeout").NumberOr(queueTimeout)
	timeout, knownTimeout := function.Prop("Timeout").NumberOr(functionTimeout)
	window, knownWindow := source.Prop("MaximumBatchingWindowInSeconds").NumberOr(0)
	least := visibilityFactor*timeout + window
	if knownVisibility && knownTimeout && knownWindow && visibility < least {
		c.report(queue, problem{
			found:    fmt.Sprintf("a visibility timeout of %g s for %s, which runs up to %g s", visibility, function.Path, timeout),
			expected: fmt.Sprintf("%g s or more", least), fix: "raise it or lower the function's timeout",
		})
	}
}
