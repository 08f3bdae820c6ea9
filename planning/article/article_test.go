package article

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/prices"
)

func card(t *testing.T) *Card {
	t.Helper()
	const name = "../testdata/article.yaml"
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	read, err := Read(name, raw)
	require.NoError(t, err)
	return read
}

func shipped(t *testing.T) Prices {
	t.Helper()
	table, err := prices.Load()
	require.NoError(t, err)
	tokens, err := prices.LoadTokens()
	require.NoError(t, err)
	return Prices{table, tokens}
}

// Each figure as the article prints it.
func TestItsRateCardReproducesItsFigures(t *testing.T) {
	c := card(t)
	table := c.Table()
	require.InDelta(t, 18, table[0].Rate*60, 1e-9, "USD a minute")
	require.InDelta(t, 3, table[1].Rate*60, 1e-9, "USD a minute")
	require.InDelta(t, 90000, table[0].Daily, 1e-6)
	require.InDelta(t, 2.7e6, table[0].Monthly, 1e-4)
	require.InDelta(t, 15000, table[1].Daily, 1e-6)
	require.InDelta(t, 450000, table[1].Monthly, 1e-4)
	require.InDelta(t, 6, table[0].Daily/table[1].Daily, 1e-9)
	require.InDelta(t, 0.87, c.Saving(), 0.005)
	lambda, ecs := c.SplitUSD()
	require.InDelta(t, 0.15, lambda/(lambda+ecs), 1e-9)
	require.InDelta(t, 0.85, ecs/(lambda+ecs), 1e-9)
}

// The same 300,000 GPU seconds a day at dated list prices: a p4d.24xlarge has
// eight A100 for 21.957642 USD an hour, and was seen on spot at 6.53 to 13.99.
func TestTheSameWorkAtListPrices(t *testing.T) {
	real, err := card(t).Real(shipped(t))
	require.NoError(t, err)
	require.InDelta(t, 0.00076, real.OnDemand, 0.000005)
	require.InDelta(t, 21.957642/8/3600, real.OnDemand, 1e-12)
	require.InDelta(t, 10.26/8/3600, real.Spot, 1e-12)
	require.InDelta(t, 1.15*real.OnDemand, real.Managed, 1e-12)
	require.InDelta(t, 300000*21.957642/8/3600, real.Rows[1].Daily, 1e-6)
	require.InDelta(t, 228.73, real.Rows[1].Daily, 0.01)
	require.InDelta(t, (750*.25+300*2)/1e6+0.2/1e6+3.5/1e6+3.5*.5*0.0000133334, real.Call, 1e-12)
}

func TestAPriceThatIsMissingIsAnError(t *testing.T) {
	c := card(t)
	c.Assumed.Instance = "g9.huge"
	_, err := c.Real(shipped(t))
	require.ErrorContains(t, err, "g9.huge is no instance type with GPUs")
	c = card(t)
	c.Assumed.Call.Model = "gpt-nothing"
	_, err = c.Real(shipped(t))
	require.ErrorContains(t, err, `no token price for openai, "gpt-nothing"`)
	_, err = Read("a.yaml", []byte("title: x\nrats: 1\n"))
	require.ErrorContains(t, err, "a.yaml:2:1: unknown field")
}

func TestTheDocumentSaysWhatWasOff(t *testing.T) {
	c := card(t)
	real, err := c.Real(shipped(t))
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, Write(&out, c, real))
	for _, said := range []string{
		"| the article: Lambda with GPU | 0.30 | 90,000 | 2,700,000 |",
		"| the article: EC2 with GPU spot instance | 0.05 | 15,000 | 450,000 |",
		"finds 6x between", "| the article | 15,000 | 2,000 | 87 % |", "| 15/85 |",
		"two orders of magnitude above list", "up to 10,240 MB", "0.00076 USD a second on demand",
	} {
		require.Contains(t, out.String(), said)
	}
}
