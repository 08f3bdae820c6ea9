// Package budgettest proves that a store of spending keeps what budget.Store
// promises.
package budgettest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models/budget"
)

// Run runs the suite. Each call of open returns an empty store.
func Run(t *testing.T, open func(*testing.T) budget.Store) {
	t.Run("a sum begins at nothing and grows", func(t *testing.T) {
		store := open(t)
		total, err := store.Total(t.Context(), "acme", "2026-11-24")
		require.NoError(t, err)
		require.Zero(t, total)
		for _, want := range []float64{0.25, 0.5} {
			total, err = store.Add(t.Context(), "acme", "2026-11-24", 0.25)
			require.NoError(t, err)
			require.InDelta(t, want, total, 1e-9)
		}
		total, err = store.Total(t.Context(), "acme", "2026-11-24")
		require.NoError(t, err)
		require.InDelta(t, 0.5, total, 1e-9)
	})
	t.Run("each tenant and each day has its own", func(t *testing.T) {
		store := open(t)
		_, err := store.Add(t.Context(), "acme", "2026-11-24", 1)
		require.NoError(t, err)
		for _, other := range [][2]string{{"acme", "2026-11-25"}, {"globex", "2026-11-24"}} {
			total, err := store.Total(t.Context(), other[0], other[1])
			require.NoError(t, err)
			require.Zero(t, total, "%v", other)
		}
	})
	t.Run("a millionth of a dollar counts, and so do additions at once", func(t *testing.T) {
		store := open(t)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 25 {
					_, err := store.Add(t.Context(), "acme", "2026-11-24", 1e-6)
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		total, err := store.Total(t.Context(), "acme", "2026-11-24")
		require.NoError(t, err)
		require.InDelta(t, 100e-6, total, 1e-12)
	})
}
