package dynamostore

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/keys"
)

func TestAKeySurvivesItsItem(t *testing.T) {
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		seconds := rapid.Int64Range(0, 4e9).Draw(t, "seconds")
		if seconds == 0 {
			return time.Time{}
		}
		return time.Unix(seconds, 0).UTC()
	})
	rapid.Check(t, func(t *rapid.T) {
		key := keys.Key{
			ID: rapid.StringMatching(`[a-z2-7]{16}`).Draw(t, "id"), Tenant: rapid.StringMatching(`[a-z][a-z.-]{0,40}`).Draw(t, "tenant"),
			Name:   rapid.String().Draw(t, "name"),
			Scopes: rapid.SampledFrom([][]keys.Scope{nil, {keys.ScopeModels}, keys.Scopes()}).Draw(t, "scopes"),
			Rate:   rapid.IntRange(0, 1e6).Draw(t, "rate"), Burst: rapid.IntRange(0, 1e6).Draw(t, "burst"),
			DailyBudgetUSD: rapid.Float64Range(0, 1e9).Draw(t, "budget"),
			CreatedAt:      instant.Draw(t, "created"), ExpiresAt: instant.Draw(t, "expires"), RevokedAt: instant.Draw(t, "revoked"),
		}
		copy(key.Hash[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		got, err := decode(encode(key))
		require.NoError(t, err)
		require.Equal(t, key, got)
	})
}

// The indexes and the time to live of the table are for jobs alone: a key that
// bore one of their attributes would be listed as a job, or deleted.
func TestAKeyStaysOutOfTheTablesIndexes(t *testing.T) {
	now := time.Unix(1e9, 0)
	encoded := encode(keys.Key{ID: "id", Tenant: "acme", CreatedAt: now, ExpiresAt: now, RevokedAt: now})
	for _, name := range []string{"tenant", "created", "place", "due", "expires"} {
		require.NotContains(t, encoded, name)
	}
}

func TestAMalformedItemIsNotTakenForAKeyWithoutThatPart(t *testing.T) {
	number := &types.AttributeValueMemberN{Value: "7"}
	tests := map[string]item{
		"a revocation that is no number": {"revokedAt": text("yesterday")},
		"an expiry that is no number":    {"validUntil": text("tomorrow")},
		"a scope that nobody knows":      {"scopes": text("root")},
		"a hash that is too short":       {"hash": text("00ff")},
		"a holder that is no string":     {"holder": number},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			encoded := encode(keys.Key{ID: "id", Tenant: "acme", Scopes: keys.Scopes()})
			for attribute, value := range change {
				encoded[attribute] = value
			}
			_, err := decode(encoded)
			require.ErrorContains(t, err, "reading key id")
		})
	}
}
