package models

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// verdict is what follows from an attempt that failed.
type verdict int

const (
	// tryNext: the next route may do better, and this one later.
	tryNext verdict = iota
	// skipRoute: this route can't answer this call, now or later.
	skipRoute
	// giveUp: no route would answer, the call itself is wrong or over.
	giveUp
)

// errSlow is why an attempt was stopped that took too long.
var errSlow = errors.New("no answer in the time that a route is given")

// coldRetry is what a client is told to wait at least for a service that is starting.
const coldRetry = 30 * time.Second

// judge turns what an attempt failed with into what the client would be told,
// and says what to do next. The contexts are the caller's and the attempt's.
func (rt *route) judge(caller, attempt context.Context, err error) (verdict, error) {
	if ended := caller.Err(); ended != nil {
		if errors.Is(ended, context.DeadlineExceeded) {
			return giveUp, timedOut(err)
		}
		return giveUp, ended
	}
	if errors.Is(context.Cause(attempt), errSlow) {
		return tryNext, timedOut(err)
	}
	var answered *Error
	if !errors.As(err, &answered) {
		if rt.tier == TierService {
			return tryNext, rt.cold(err)
		}
		return tryNext, &Error{Status: http.StatusServiceUnavailable, Type: TypeServer, Code: CodeUnavailable,
			Message: "The model's provider cannot be reached.", Cause: err}
	}
	switch status := answered.Status; {
	case answered.Code == CodeUnsupported, answered.Code == CodeBudget:
		return skipRoute, answered
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden, status == http.StatusNotFound:
		// The client's key and model are in order, the deployment's are not.
		return skipRoute, &Error{Status: http.StatusBadGateway, Type: TypeServer, Code: CodeRouteMisconfigured,
			Message: "The model's provider refuses this deployment; tell who runs it.", Cause: answered}
	case rt.tier == TierService && isCold(status) && answered.Code != CodeUnavailable && answered.Code != CodeMalformed:
		return tryNext, rt.cold(answered)
	case status == http.StatusTooManyRequests:
		return tryNext, &Error{Status: status, Type: TypeRateLimit, Code: CodeRateLimit, RetryAfter: answered.RetryAfter,
			Message: "The model's provider has too much to do.", Cause: answered}
	case answered.Code == CodeMalformed, answered.Code == CodeUnavailable:
		return tryNext, answered
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooEarly, status >= 500:
		// What a provider says of its own troubles can name its customer.
		return tryNext, &Error{Status: max(status, http.StatusInternalServerError), Type: TypeServer, RetryAfter: answered.RetryAfter,
			Message: "The model's provider failed.", Cause: answered}
	default:
		return giveUp, answered
	}
}

func isCold(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout
}

func timedOut(cause error) *Error {
	return &Error{Status: http.StatusGatewayTimeout, Type: TypeTimeout, Message: "The model did not answer in time.", Cause: cause}
}

func (rt *route) cold(cause error) *Error {
	wait := rt.place.starting(rt.now(), time.Duration(rt.config.ColdStart)*time.Second)
	return &Error{Status: http.StatusServiceUnavailable, Type: TypeServer, Code: CodeCold, RetryAfter: max(wait, coldRetry),
		Message: "The model is being started.", Cause: cause}
}

// blamesRoute reports whether an error speaks against the route, and not for a
// mistake of the client or one that hung up.
func blamesRoute(err error) bool {
	var answered *Error
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case !errors.As(err, &answered):
		return true
	default:
		return answered.Status >= 500
	}
}

// rank orders errors by how much they help the client; lower is better.
func rank(err error) int {
	var answered *Error
	switch {
	case !errors.As(err, &answered):
		return 0
	case answered.Code == CodeUnsupported:
		return 7
	case answered.Code == CodeRouteMisconfigured:
		return 6
	case answered.Code == CodeBudget:
		return 5
	case answered.Status == http.StatusTooManyRequests:
		return 1
	case answered.Code == CodeCold:
		return 2
	case answered.Status == http.StatusGatewayTimeout:
		return 3
	default:
		return 4
	}
}
