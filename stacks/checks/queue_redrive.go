package checks

import "fmt"

// leastReceives is how often a message should be tried before a function's
// queue gives it up.
const leastReceives = 5

func queueRedrive() rule {
	return rule{Rule{
		Name:     "queue-redrive",
		Severity: Warning,
		What:     "A queue that a function reads from has a dead-letter queue, with a maxReceiveCount of 5 or more.",
		Why: "Without one, a message that no program can read comes back until its retention ends. " +
			"With fewer attempts, messages end there only because the function was throttled.",
		Source:  "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
		Checked: read,
	}, func(c *checker) {
		for _, source := range c.All(typeEventSource) {
			queue := source.Prop("EventSourceArn").Ref(typeQueue)
			if queue == nil {
				continue
			}
			receives := queue.Prop("RedrivePolicy", "maxReceiveCount")
			if !receives.Exists() {
				c.report(queue, problem{found: "no dead-letter queue", expected: "one", fix: "add it"})
			}
			if count, known := receives.Number(); known && count < leastReceives {
				c.report(queue, problem{
					found: fmt.Sprintf("maxReceiveCount %g", count), expected: fmt.Sprintf("%d or more", leastReceives), fix: "raise it",
				})
			}
		}
	}}
}
