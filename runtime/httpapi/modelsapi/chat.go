package modelsapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/models"
)

func (a *modelsAPI) chat(w http.ResponseWriter, r *http.Request) error {
	body, err := a.read(w, r)
	if err != nil {
		return err
	}
	if err := checkMessages(body.Body); err != nil {
		return asProblem(err)
	}
	if err := checkIdempotencyKey(r.Header.Values("Idempotency-Key")); err != nil {
		return asProblem(err)
	}
	preference := httpapi.ParsePreference(r.Header.Values("Prefer"))
	hand := a.handOver(r, body, preference)
	if hand != nil && preference.Async && preference.Wait == 0 {
		return hand.submit(w)
	}
	if body.stream {
		return a.stream(w, r, body, hand)
	}
	limit := a.limit(r.Context(), a.options.Timeout, hand)
	ctx, cancel := context.WithDeadline(r.Context(), limit)
	defer cancel()
	answer, err := a.options.Router.Chat(ctx, call(r.Context(), body))
	if err != nil {
		if hand.takes(ctx, err) {
			return hand.submit(w)
		}
		return asProblem(err)
	}
	writeAnswer(w, answer)
	return nil
}

func (a *modelsAPI) embeddings(w http.ResponseWriter, r *http.Request) error {
	body, err := a.read(w, r)
	if err != nil {
		return err
	}
	if err := checkInput(body.Body); err != nil {
		return asProblem(err)
	}
	ctx, cancel := context.WithDeadline(r.Context(), a.limit(r.Context(), a.options.Timeout, nil))
	defer cancel()
	answer, err := a.options.Router.Embeddings(ctx, call(r.Context(), body))
	if err != nil {
		return asProblem(err)
	}
	writeAnswer(w, answer)
	return nil
}

func call(ctx context.Context, body asked) models.Call {
	caller := auth.From(ctx)
	return models.Call{Tenant: caller.Tenant, DailyBudgetUSD: caller.DailyBudgetUSD, Model: body.model, Body: body.Raw()}
}

// limit is when a request must have begun to answer, or to become a job.
func (a *modelsAPI) limit(ctx context.Context, most time.Duration, hand *handOver) time.Time {
	now := time.Now()
	limit := now.Add(most)
	if deadline := request.From(ctx).Deadline; !deadline.IsZero() && deadline.Before(limit) {
		limit = deadline
	}
	limit = limit.Add(-min(margin, limit.Sub(now)/10))
	if hand != nil && hand.preference.Wait > 0 && now.Add(hand.preference.Wait).Before(limit) {
		limit = now.Add(hand.preference.Wait)
	}
	return limit
}

// outOfTime tells whether an error came because a limit had been reached, and
// not because the caller went away.
func outOfTime(ctx context.Context, err error) bool {
	var own *models.Error
	return errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &own) && own.Status == http.StatusGatewayTimeout
}

func writeAnswer(w http.ResponseWriter, answer *models.Answer) {
	setHeaders(w.Header(), answer.Served)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(answer.Body) // the caller has gone, and nobody is left to tell
}
