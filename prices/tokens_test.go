package prices

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheTokensOfAModelHaveAPriceBySnapshotProfileAndFineTuning(t *testing.T) {
	table, err := LoadTokens()
	require.NoError(t, err)
	for name, test := range map[string]struct{ provider, model, listed string }{
		"its own name":             {"openai", "gpt-4o-mini", "gpt-4o-mini"},
		"a snapshot":               {"openai", "gpt-4o-2024-08-06", "gpt-4o"},
		"a snapshot with its own":  {"openai", "gpt-3.5-turbo-0613", "gpt-3.5-turbo-0613"},
		"a fine-tuned model":       {"openai", "ft:gpt-4o-mini-2024-07-18:acme::x1", "ft:gpt-4o-mini"},
		"Anthropic's date":         {"anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"},
		"a date of what is latest": {"anthropic", "claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"},
		"a global profile":         {"bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0", "global.anthropic.claude-haiku-4-5-20251001-v1:0"},
		"a European profile":       {"bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "regional.anthropic.claude-haiku-4-5-20251001-v1:0"},
		"a model in one region":    {"bedrock", "amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"},
		"a profile of one of them": {"bedrock", "us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"},
		"a profile by its ARN":     {"bedrock", "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			price, err := table.Price(test.provider, test.model)
			require.NoError(t, err)
			require.Equal(t, test.listed, price.Model)
			require.True(t, price.Source.AsOf.After(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
			require.NotEmpty(t, price.Source.From)
		})
	}
}

func TestAModelThatIsNotListedHasNoPrice(t *testing.T) {
	table, err := LoadTokens()
	require.NoError(t, err)
	for _, model := range []string{"llama-3-8b", "", "gpt-4o-private", "ft:", "-20240806"} {
		_, err := table.Price("openai", model)
		require.ErrorContains(t, err, "no token price for openai", model)
	}
}

func TestACallCostsItsFreshCachedAndWrittenTokens(t *testing.T) {
	price := TokenPrice{Input: 2, CachedInput: 0.5, Output: 10}
	require.InDelta(t, (700*2+100*2*1.25+200*0.5+50*10)/1e6, price.USD(1000, 200, 100, 50), 1e-12)
	require.InDelta(t, 0.0, price.USD(0, 0, 0, 0), 1e-12)
	require.Positive(t, price.USD(10, 20, 0, 0), "more cached than there are is no credit")
}

func TestAWrongTokenPriceIsNamedByFileAndLine(t *testing.T) {
	const header = "provider,model,usd_per_million_input,usd_per_million_cached_input,usd_per_million_output,context_window,long_context_tiers\n"
	for name, test := range map[string]struct{ rows, want string }{
		"no number":   {"openai,a,x,,1,,\n", `llm-tokens.csv:2: price "x" is not a number`},
		"negative":    {"openai,a,1,-1,1,,\n", `llm-tokens.csv:2: price "-1" is not a number`},
		"twice":       {"openai,a,1,,1,,\nopenai,a,2,,1,,\n", `llm-tokens.csv:3: openai, "a" is priced twice`},
		"odd context": {"openai,a,1,,1,large,\n", `llm-tokens.csv:2: context window "large"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readTokens(fstest.MapFS{"sources.csv": {}, tokensFile: {Data: []byte(header + test.rows)}})
			require.ErrorContains(t, err, test.want)
		})
	}
}
