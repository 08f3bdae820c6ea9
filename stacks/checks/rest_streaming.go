package checks

import (
	"strings"
)

// streamingPath ends the URI of a Lambda integration that streams.
const streamingPath = "/response-streaming-invocations"

func restStreaming() rule {
	return rule{Rule{
		Name:     "rest-streaming",
		Severity: Error,
		What: "A streaming integration is a proxy integration; with a function its URI ends in /response-streaming-invocations, and only then. " +
			"Its API is regional or private.",
		Why: "With the other path the two sides speak different protocols and every answer is a 500. " +
			"At an edge-optimised endpoint a stream ends after 30 s without a byte, at a regional one after 5 minutes.",
		Source:  "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html",
		Checked: read,
	}, func(c *checker) {
		for _, method := range c.All(typeMethod) {
			c.judgeStream(method)
		}
	}}
}

func (c *checker) judgeStream(method *resource) {
	integration := method.Prop("Integration")
	uri, kind := integration.At("Uri").Text(), integration.At("Type")
	lambda := strings.Contains(uri, ":lambda:path/")
	byPath := strings.HasSuffix(uri, streamingPath)
	switch {
	case !streams(method):
		if lambda && byPath {
			c.report(method, problem{
				found: "a URI for streaming without ResponseTransferMode STREAM", expected: "both or neither", fix: "set the mode",
			})
		}
		return
	case !kind.Is("AWS_PROXY") && !kind.Is("HTTP_PROXY"):
		c.report(method, problem{
			found: "streaming with an integration of type " + orNone(kind), expected: "AWS_PROXY or HTTP_PROXY", fix: "use a proxy integration",
		})
	case lambda && !byPath:
		c.report(method, problem{
			found: "ResponseTransferMode STREAM with a URI that ends in /invocations", expected: streamingPath, fix: "change the URI",
		})
	}
	api := method.Prop("RestApiId").Ref("AWS::ApiGateway::RestApi")
	if api != nil && edge(api) {
		c.report(api, problem{
			found: "an edge-optimised endpoint and streams", expected: "REGIONAL or PRIVATE", fix: "set the endpoint's type", warning: true,
		})
	}
}

// edge is what an API is where nothing is said.
func edge(api *resource) bool {
	types := api.Prop("EndpointConfiguration", "Types").List()
	for _, each := range types {
		if !each.Is("EDGE") {
			return false
		}
	}
	return true
}
