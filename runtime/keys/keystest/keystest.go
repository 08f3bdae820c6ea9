// Package keystest proves that a keys.Store does what the others do.
package keystest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/keys"
)

// Run proves a store. Open returns an empty one, a new one each time.
func Run(t *testing.T, open func(t *testing.T) keys.Store) {
	created := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	newKey := func(tenant string, at time.Time) keys.Key {
		token, err := keys.NewToken(rand.Reader)
		require.NoError(t, err)
		return keys.Key{
			ID: token.ID, Tenant: tenant, Name: "ci", Scopes: []keys.Scope{keys.ScopeJobsRead, keys.ScopeModels},
			Hash: token.Hash(), Rate: 7, Burst: 9, DailyBudgetUSD: 12.5, CreatedAt: at, ExpiresAt: at.Add(time.Hour),
		}
	}

	t.Run("what was created is read back unchanged", func(t *testing.T) {
		store := open(t)
		full := newKey("acme", created)
		bare := keys.Key{ID: "bare", Tenant: "acme", CreatedAt: created}
		for _, key := range []keys.Key{full, bare} {
			require.NoError(t, store.Create(t.Context(), key))
			got, err := store.Get(t.Context(), key.ID)
			require.NoError(t, err)
			require.Equal(t, key, got)
		}
	})

	t.Run("an id is taken once", func(t *testing.T) {
		store := open(t)
		key := newKey("acme", created)
		require.NoError(t, store.Create(t.Context(), key))
		thief := key
		thief.Tenant = "globex"
		require.ErrorIs(t, store.Create(t.Context(), thief), keys.ErrExists)
		got, err := store.Get(t.Context(), key.ID)
		require.NoError(t, err)
		require.Equal(t, "acme", got.Tenant)
	})

	t.Run("an unknown key is not found", func(t *testing.T) {
		store := open(t)
		_, err := store.Get(t.Context(), "nobody")
		require.ErrorIs(t, err, keys.ErrNotFound)
		require.ErrorIs(t, store.Revoke(t.Context(), "nobody", created), keys.ErrNotFound)
		_, err = store.Get(t.Context(), "nobody")
		require.ErrorIs(t, err, keys.ErrNotFound, "revoking must not create it")
	})

	t.Run("a tenant's list holds its own keys, oldest first", func(t *testing.T) {
		store := open(t)
		late, early, other := newKey("acme", created.Add(time.Hour)), newKey("acme", created), newKey("acme-2", created.Add(time.Minute))
		for _, key := range []keys.Key{late, early, other} {
			require.NoError(t, store.Create(t.Context(), key))
		}
		got, err := store.List(t.Context(), "acme")
		require.NoError(t, err)
		require.Equal(t, []keys.Key{early, late}, got)
		got, err = store.List(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, []keys.Key{early, other, late}, got)
		got, err = store.List(t.Context(), "nobody")
		require.NoError(t, err)
		require.Empty(t, got)
	})

	t.Run("a list is whole however long it is", func(t *testing.T) {
		store := open(t)
		for i := range 120 {
			require.NoError(t, store.Create(t.Context(), newKey("acme", created.Add(time.Duration(i)*time.Second))))
		}
		got, err := store.List(t.Context(), "acme")
		require.NoError(t, err)
		require.Len(t, got, 120)
	})

	t.Run("a revoked key stays readable and keeps its first time", func(t *testing.T) {
		store := open(t)
		key := newKey("acme", created)
		require.NoError(t, store.Create(t.Context(), key))
		require.NoError(t, store.Revoke(t.Context(), key.ID, created.Add(time.Minute)))
		require.NoError(t, store.Revoke(t.Context(), key.ID, created.Add(time.Hour)))
		key.RevokedAt = created.Add(time.Minute)
		got, err := store.Get(t.Context(), key.ID)
		require.NoError(t, err)
		require.Equal(t, key, got)
	})
}
