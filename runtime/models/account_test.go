package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/settings"
)

// vault holds one key, which Refresh exchanges for another.
type vault struct {
	key, fresh string
	refreshed  int
	err        error
}

func (v *vault) Get(context.Context, string) (string, error) { return v.key, v.err }

func (v *vault) Refresh(_ context.Context, _, stale string) (string, error) {
	v.refreshed++
	if stale == v.key {
		v.key = v.fresh
	}
	return v.key, nil
}

func keyed(service bool) settings.Routes {
	routes := []settings.Route{{Name: "p0", Type: "openai", Model: "r0", Secret: "the-secret"}}
	if service {
		routes = append(routes, settings.Route{Name: "own", Type: "service", Model: "r1"})
	}
	return settings.Routes{"smart": {Routes: routes}}
}

func wants(key string) func(context.Context, int, models.Request) error {
	return func(_ context.Context, _ int, request models.Request) error {
		if request.Key != key {
			return status(401)
		}
		return nil
	}
}

func TestAKeyThatWasRotatedIsReadAgainOnce(t *testing.T) {
	p, keys := &place{do: wants("new")}, &vault{key: "old", fresh: "new"}
	b := newBench(t, models.Options{Keys: keys, Routes: keyed(false)}, p)
	answer, err := b.Chat(t.Context(), call)
	require.NoError(t, err)
	require.Equal(t, 2, answer.Served.Attempts)
	require.Equal(t, []string{"old", "new"}, p.keys)
	b.by(t)
	require.Equal(t, 1, keys.refreshed)
}

func TestAKeyThatWasRevokedIsNotTriedForEver(t *testing.T) {
	p, keys := &place{do: wants("another")}, &vault{key: "revoked", fresh: "revoked"}
	b := newBench(t, models.Options{Keys: keys, Routes: keyed(true)}, p, &place{})
	require.Equal(t, "r1", b.by(t), "the next route answers")
	require.Equal(t, []string{"revoked"}, p.keys)

	refused := newBench(t, models.Options{Keys: keys, Routes: keyed(false)}, p).refused(t)
	require.Equal(t, []any{502, models.CodeRouteMisconfigured}, []any{refused.Status, refused.Code}, "not 401: the client's own key is in order")
	require.NotContains(t, refused.Error(), "revoked")
}

func TestAKeyThatCannotBeReadIsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, models.Options{Keys: &vault{err: errors.New("AccessDenied")}, Routes: keyed(false)}, &place{})
		refused := b.refused(t)
		require.Equal(t, 503, refused.Status)
		require.NotContains(t, refused.Message, "AccessDenied")
	})
}

type prices map[string]float64

func (p prices) CostUSD(provider, model string, usage models.Usage) (float64, bool) {
	each, found := p[provider+"/"+model]
	return each * float64(usage.Input+usage.Output), found
}

type budgets struct {
	spent, written float64
	err            error
}

func (b *budgets) Spent(context.Context, string) (float64, time.Duration, error) {
	return b.spent, 5 * time.Hour, b.err
}

func (b *budgets) Spend(ctx context.Context, _ string, usd float64) error {
	b.written += usd
	return ctx.Err()
}

func TestWhatACallCostsIsToldAndWritten(t *testing.T) {
	limit := call
	limit.DailyBudgetUSD = 1
	for name, test := range map[string]struct {
		call    models.Call
		prices  prices
		cost    float64
		known   bool
		written float64
	}{
		"of a listed model":                    {limit, prices{"openai/r0": 0.01}, 0.15, true, 0.15},
		"of a model without a price":           {limit, prices{}, 0, false, 0},
		"of a tenant without a budget, untold": {call, prices{"openai/r0": 0.01}, 0.15, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			spent := &budgets{}
			b := newBench(t, models.Options{Prices: test.prices, Budgets: spent}, &place{chunks: []string{start, token, end}})
			answer, err := b.Chat(t.Context(), test.call)
			require.NoError(t, err)
			require.InDelta(t, test.cost, answer.Served.CostUSD, 1e-9)
			require.Equal(t, test.known, answer.Served.CostKnown)
			require.Equal(t, used, answer.Served.Usage)
			require.InDelta(t, test.written, spent.written, 1e-9)
			require.Equal(t, answer.Served, b.meter.records[0])
		})
	}
}

func TestASpentBudgetRefusesExternalModelsUntilMidnight(t *testing.T) {
	limit := call
	limit.DailyBudgetUSD = 1
	external := &place{}
	_, err := newBench(t, models.Options{Budgets: &budgets{spent: 1}}, external).Chat(t.Context(), limit)
	var refused *models.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []any{429, models.TypeQuota, models.CodeBudget, 5 * time.Hour}, []any{refused.Status, refused.Type, refused.Code, refused.RetryAfter})
	require.Zero(t, external.called())

	answer, err := newBench(t, models.Options{Budgets: &budgets{spent: 1}, Routes: keyed(true), Keys: &vault{key: "k"}}, external, &place{}).Chat(t.Context(), limit)
	require.NoError(t, err)
	require.Equal(t, models.TierService, answer.Served.Tier, "own services go on answering")

	for name, b := range map[string]*budgets{"below the limit": {spent: 0.99}, "when nobody knows": {spent: 2, err: errors.New("throttled")}} {
		_, err := newBench(t, models.Options{Budgets: b}, &place{}).Chat(t.Context(), limit)
		require.NoError(t, err, name)
	}
}

func TestAStreamThatBrokeOffIsPaidToo(t *testing.T) {
	limit := call
	limit.DailyBudgetUSD = 1
	spent := &budgets{}
	b := newBench(t, models.Options{Budgets: spent, Prices: prices{"openai/r0": 0.01}}, &place{chunks: []string{start, token}, after: errors.New("reset")})
	served, err := b.ChatStream(t.Context(), limit, func(json.RawMessage) error { return nil })
	require.Error(t, err)
	require.Positive(t, served.CostUSD)
	require.InDelta(t, served.CostUSD, spent.written, 1e-9)
}

func TestModelsAreListedByName(t *testing.T) {
	b := newBench(t, models.Options{Routes: settings.Routes{
		"b": {Routes: []settings.Route{{Name: "p0", Type: "openai", Model: "r0"}}},
		"a": {Routes: []settings.Route{{Name: "own", Type: "service", Model: "r0"}}, Overflow: "worker"},
	}}, &place{})
	require.Equal(t, []models.Model{{Name: "a", OwnedBy: "own", Overflow: "worker"}, {Name: "b", OwnedBy: "p0"}}, b.Models())
}

func TestARouterThatCannotWorkIsNotMade(t *testing.T) {
	_, err := models.New(models.Options{Rounds: -1, Routes: settings.Routes{
		"empty": {}, "odd": {Routes: []settings.Route{{Name: "x", Type: "telepathy", Secret: "s"}}},
	}})
	for _, want := range []string{"model empty has no routes", `route x of model odd is of type "telepathy"`, "needs the secret s", "no option can be negative"} {
		require.ErrorContains(t, err, want)
	}
}
