// Package lambdaproxy serves a plain http.Handler from a Lambda function
// behind an API Gateway REST API: an event becomes a request, and what the
// handler writes becomes a response, buffered or streamed.
//
// API Gateway decides by its integration whether it takes a stream, so the
// function must answer in the same way: [Proxy.Streams] names the resources
// whose integration has the response transfer mode STREAM
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, 2026-11-24).
//
// Who calls was found out before the function ran: [Gateway] reads what the
// authorizer, or IAM, has said about the caller.
package lambdaproxy
