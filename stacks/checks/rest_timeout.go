package checks

import (
	"fmt"

	"tandem/config"
)

const typeMethod = "AWS::ApiGateway::Method"

func restTimeout() rule {
	return rule{Rule{
		Name:     "rest-timeout",
		Severity: Error,
		What: "A REST integration waits 29 s at most, or 15 minutes where it streams (ResponseTransferMode STREAM); " +
			"the function behind it may run at least as long.",
		Why: "API Gateway refuses more without a raised quota, and streaming is what lifts the 29 s. " +
			"A function that ends first turns a slow answer into a 502 or a torn stream.",
		Source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, " +
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
		Checked: read,
	}, func(c *checker) {
		for _, method := range c.All(typeMethod) {
			milliseconds, written := method.Prop("Integration", "TimeoutInMillis").Number()
			if !written {
				continue
			}
			seconds, limit, fix := milliseconds/1000, config.APIGatewayTimeout.Seconds(), "lower it, or stream the answer"
			if streams(method) {
				limit, fix = config.APIGatewayStreamTimeout.Seconds(), "lower it, or make the request a job"
			}
			if seconds > limit {
				c.report(method, problem{
					found: fmt.Sprintf("an integration timeout of %g s", seconds), expected: fmt.Sprintf("%g s at most", limit), fix: fix, config: "api.timeout",
				})
			}
			c.compareFunction(method, seconds)
		}
	}}
}

func streams(method *resource) bool {
	return method.Prop("Integration", "ResponseTransferMode").Is("STREAM")
}

func (c *checker) compareFunction(method *resource, seconds float64) {
	function := method.Prop("Integration", "Uri").Ref(typeFunction)
	if function == nil {
		return
	}
	if timeout, known := function.Prop("Timeout").NumberOr(functionTimeout); known && timeout < seconds {
		c.report(method, problem{
			found:    fmt.Sprintf("an integration timeout of %g s for %s, which ends after %g s", seconds, function.Path, timeout),
			expected: "a function that may run as long", fix: "raise the function's timeout or lower the integration's", config: "api.timeout",
		})
	}
}
