package budget_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models/budget"
	"tandem/runtime/models/budgettest"
)

func TestTheStoreInMemoryConforms(t *testing.T) {
	budgettest.Run(t, func(*testing.T) budget.Store { return &budget.Memory{} })
}

// counting counts the calls of a store, which fails while err is set.
type counting struct {
	budget.Memory
	adds, totals int
	err          error
}

func (c *counting) Add(ctx context.Context, tenant, day string, usd float64) (float64, error) {
	c.adds++
	if c.err != nil {
		return 0, c.err
	}
	return c.Memory.Add(ctx, tenant, day, usd)
}

func (c *counting) Total(ctx context.Context, tenant, day string) (float64, error) {
	c.totals++
	if c.err != nil {
		return 0, c.err
	}
	return c.Memory.Total(ctx, tenant, day)
}

func ledger(t *testing.T, store budget.Store) *budget.Ledger {
	t.Helper()
	l, err := budget.New(budget.Options{Store: store})
	require.NoError(t, err)
	return l
}

func spent(t *testing.T, l *budget.Ledger, tenant string) float64 {
	t.Helper()
	usd, _, err := l.Spent(t.Context(), tenant)
	require.NoError(t, err)
	return usd
}

func TestSmallAmountsAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counting{}
		l := ledger(t, store)
		for range 100 {
			spent(t, l, "acme")
			require.NoError(t, l.Spend(t.Context(), "acme", 0.001))
		}
		require.InDelta(t, 0.1, spent(t, l, "acme"), 1e-9, "what is not written counts too")
		require.Equal(t, 1, store.totals)
		require.Equal(t, 10, store.adds)
	})
}

func TestWhatAnotherProcessSpentIsSeenAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counting{}
		one, other := ledger(t, store), ledger(t, store)
		require.Zero(t, spent(t, one, "acme"))
		require.NoError(t, other.Spend(t.Context(), "acme", 5))
		require.NoError(t, one.Spend(t.Context(), "acme", 0.005))
		require.InDelta(t, 0.005, spent(t, one, "acme"), 1e-9)
		time.Sleep(30 * time.Second)
		require.InDelta(t, 5.005, spent(t, one, "acme"), 1e-9)
		require.Equal(t, 2, store.adds, "what waited was written on the way")
	})
}

func TestADayEndsAtMidnightUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock starts at midnight UTC, 2000-01-01
		l := ledger(t, &budget.Memory{})
		require.NoError(t, l.Spend(t.Context(), "acme", 3))
		time.Sleep(23 * time.Hour)
		usd, rest, err := l.Spent(t.Context(), "acme")
		require.NoError(t, err)
		require.InDelta(t, 3, usd, 1e-9)
		require.Equal(t, time.Hour, rest)
		time.Sleep(rest)
		require.Zero(t, spent(t, l, "acme"))
	})
}

func TestAStoreThatIsDownLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counting{err: errors.New("throttled")}
		l := ledger(t, store)
		require.ErrorContains(t, l.Spend(t.Context(), "acme", 2), "writing what tenant acme spent: throttled")
		_, _, err := l.Spent(t.Context(), "acme")
		require.ErrorContains(t, err, "throttled")
		store.err = nil
		require.InDelta(t, 2, spent(t, l, "acme"), 1e-9)
	})
}

func TestAThousandTenantsHaveSumsOfTheirOwn(t *testing.T) {
	l := ledger(t, &budget.Memory{})
	for i := range 1000 {
		require.NoError(t, l.Spend(t.Context(), fmt.Sprint(i), float64(i)))
	}
	for i := range 1000 {
		require.InDelta(t, float64(i), spent(t, l, fmt.Sprint(i)), 1e-9)
	}
}
