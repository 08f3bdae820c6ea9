// Package auth finds out who calls. An [Authenticator] is chosen by where the
// program runs: [Bearer] where the program sees the caller's token itself, as
// in local mode, or the gateway's (httpapi/lambdaproxy) where API Gateway has
// asked the authorizer. What a caller may do is decided by its scopes.
package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/keys"
)

// Authenticator finds out who sent a request. Its errors are problems: a 401
// for what the caller did wrong, a 503 where nobody can tell.
type Authenticator interface {
	Authenticate(r *http.Request) (keys.Identity, error)
}

// Tokens judges bearer tokens: keys.Authenticator, or JWT.
type Tokens interface {
	Authenticate(ctx context.Context, bearer string) (keys.Identity, error)
}

// Bearer takes the token of the Authorization header.
type Bearer struct{ Tokens Tokens }

// Authenticate implements Authenticator.
func (b Bearer) Authenticate(r *http.Request) (keys.Identity, error) {
	token, err := Token(r.Header.Values("Authorization"))
	if err != nil {
		return keys.Identity{}, Refused(err)
	}
	identity, err := b.Tokens.Authenticate(r.Context(), token)
	if err != nil {
		return keys.Identity{}, Refused(err)
	}
	return identity, nil
}

// What can be wrong with a token, beside what keys knows.
var (
	ErrMissing = errors.New("no bearer token was sent")
	ErrInvalid = errors.New("the token is not valid")
)

// Token returns the bearer token of the values of the Authorization header, of
// which there must be one. The scheme's case does not matter.
func Token(headers []string) (string, error) {
	if len(headers) != 1 {
		return "", ErrMissing
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	token = strings.TrimSpace(token)
	if !found || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t,") {
		return "", ErrMissing
	}
	return token, nil
}

// CallersFault tells whether a token was refused, rather than not judged.
func CallersFault(err error) bool {
	for _, known := range []error{ErrMissing, ErrInvalid, keys.ErrMalformed, keys.ErrUnknown, keys.ErrRevoked, keys.ErrExpired} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// Refused makes a problem of an Authenticator's error.
func Refused(err error) error {
	if !CallersFault(err) {
		return &problem.Error{Status: http.StatusServiceUnavailable, Detail: "Keys cannot be checked at the moment.",
			RetryAfter: time.Second, Cause: err}
	}
	detail, challenge := "", `Bearer realm="tandem"`
	for _, known := range []struct {
		err    error
		detail string
	}{
		{ErrMissing, "Send a key as 'Authorization: Bearer tdm_<id>.<secret>'."},
		{keys.ErrRevoked, "The key was revoked."},
		{keys.ErrExpired, "The key has expired."},
	} {
		if errors.Is(err, known.err) {
			detail = known.detail
		}
	}
	if !errors.Is(err, ErrMissing) {
		challenge += `, error="invalid_token"`
	}
	if detail == "" {
		detail = "The key is not valid."
	}
	return &problem.Error{Status: http.StatusUnauthorized, Detail: detail, Cause: err,
		Header: http.Header{"Www-Authenticate": {challenge}}}
}

// Require fails with a 403 unless the caller holds the scope.
func Require(identity keys.Identity, scope keys.Scope) error {
	if identity.Allows(scope) {
		return nil
	}
	return &problem.Error{Status: http.StatusForbidden, Detail: "The key lacks the scope " + string(scope) + ".",
		Header: http.Header{"Www-Authenticate": {`Bearer realm="tandem", error="insufficient_scope", scope="` + string(scope) + `"`}}}
}

type contextKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, identity keys.Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, identity)
}

// From returns the caller that a context carries. A context without one yields
// an identity without tenant and scopes, which may do nothing.
func From(ctx context.Context) keys.Identity {
	identity, _ := ctx.Value(contextKey{}).(keys.Identity)
	return identity
}
