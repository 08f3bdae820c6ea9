package tokenprices_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/prices"
	"tandem/runtime/models"
	"tandem/runtime/models/tokenprices"
)

func TestAListedModelHasACostAndAnotherIsUnknown(t *testing.T) {
	table, err := prices.LoadTokens()
	require.NoError(t, err)
	cost, known := tokenprices.Prices{Table: table}.CostUSD("openai", "gpt-4o-mini", models.Usage{Input: 1_000_000, CachedInput: 500_000, Output: 1_000_000})
	require.True(t, known)
	require.InDelta(t, 0.5*0.15+0.5*0.075+0.6, cost, 1e-9)
	_, known = tokenprices.Prices{Table: table}.CostUSD("openai", "mine", models.Usage{Input: 1})
	require.False(t, known)
}
