package dynamostore_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/keys"
	"tandem/runtime/keys/dynamostore"
	"tandem/test/dynamolocal"
)

func TestARemovedKeyLeavesNoTrace(t *testing.T) {
	store := opener(dynamolocal.Start(t))(t).(*dynamostore.Store)
	_, kept, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme"}, time.Now(), rand.Reader)
	require.NoError(t, err)
	_, key, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme"}, time.Now(), rand.Reader)
	require.NoError(t, err)
	require.NoError(t, store.Remove(t.Context(), key.ID))
	_, err = store.Get(t.Context(), key.ID)
	require.ErrorIs(t, err, keys.ErrNotFound)
	left, err := store.List(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, kept.ID, left[0].ID)
	require.NoError(t, store.Remove(t.Context(), key.ID), "twice is no error")
}
