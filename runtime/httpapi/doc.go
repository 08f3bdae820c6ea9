// Package httpapi is the HTTP API: plain http.Handlers, the same in Lambda, in
// local mode and in tests. openapi.yaml is its source; the types in
// httpapi/api are generated from it, and tests hold the server against it.
//
// A [Route] is one method of one path and what it asks of its caller. [New]
// puts before all of them what they have in common: request ids, access log,
// authentication, rate limits, scopes, limits on bodies, problem details.
//
// What a job may become is decided in runtime/jobs, who calls in httpapi/auth,
// and how requests get here in httpapi/lambdaproxy or net/http.
package httpapi

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml openapi.yaml
