package modelsapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"tandem/runtime/httpapi/auth"
)

// stream answers in server-sent events. Until the first of them everything can
// still become an ordinary error, or a job; after it, an error is an event of
// its own and the stream ends without [DONE].
func (a *modelsAPI) stream(w http.ResponseWriter, r *http.Request, body asked, hand *handOver) error {
	ctx, cancel := context.WithDeadline(r.Context(), a.limit(r.Context(), a.options.StreamFor, nil))
	defer cancel()
	ctx, abandon := context.WithCancelCause(ctx)
	defer abandon(nil)
	out := newEventWriter(w, a.options.KeepAlive)
	defer out.close()
	var begun atomic.Bool
	if hand == nil {
		out.keepAlive()
	} else {
		// A comment would be the first byte: as long as this may become a job there is none.
		late := time.AfterFunc(time.Until(a.limit(r.Context(), a.options.Timeout, hand)), func() {
			if begun.CompareAndSwap(false, true) {
				abandon(errLate)
			}
		})
		defer late.Stop()
	}
	served, err := a.options.Router.ChatStream(ctx, call(r.Context(), body), func(chunk json.RawMessage) error {
		if hand != nil && !out.begun() {
			if !begun.CompareAndSwap(false, true) {
				return errLate // handed over in this very moment
			}
			out.keepAlive()
		}
		return out.chunk(chunk)
	})
	switch {
	case err == nil:
		return out.finish(account(served))
	case !out.begun() && hand != nil && r.Context().Err() == nil && (errors.Is(context.Cause(ctx), errLate) || hand.takes(ctx, err)):
		return hand.submit(w)
	case errors.Is(err, errClientGone):
		return err // logged, and nobody is left to tell
	default:
		failed := asProblem(err)
		if out.begun() { // the access log has a 200
			a.options.Log.WarnContext(ctx, "stream broke off", "tenant", auth.From(ctx).Tenant, "model", body.model, "error", err)
		}
		out.fail(failed)
		return failed
	}
}

// errLate is why a stream was given up that had not begun in time.
var errLate = errors.New("the stream did not begin in the time that the client would wait")
