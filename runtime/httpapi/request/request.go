// Package request reads a request's body, and carries what is known of it beside
// method, path and body: the id by which it is found in the logs, and the path
// under which the API is reached from outside.
package request

import (
	"context"
	"time"
)

// Info of one request.
type Info struct {
	// ID is in the logs and in every problem.
	ID string
	// BasePath is what callers write before /v1: an API Gateway stage such as
	// /prod, a custom domain's base path, or nothing.
	BasePath string
	// Deadline is when the platform cuts the request off; zero where it does not.
	Deadline time.Time
}

type contextKey struct{}

// With returns a context that carries a request's info.
func With(ctx context.Context, info Info) context.Context {
	return context.WithValue(ctx, contextKey{}, info)
}

// From returns the info that a context carries, or none.
func From(ctx context.Context) Info {
	info, _ := ctx.Value(contextKey{}).(Info)
	return info
}
