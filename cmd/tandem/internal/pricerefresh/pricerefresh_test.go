package pricerefresh_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/pricerefresh"
)

type market struct {
	onDemand, spot map[string]float64
	err            error
}

func (m market) OnDemand(context.Context, string) (map[string]float64, error) {
	return m.onDemand, m.err
}

func (m market) Spot(context.Context, string, []string) (map[string]float64, error) {
	return m.spot, m.err
}

func TestPricesOfTheTypesAreReadAndDated(t *testing.T) {
	today := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	read, err := pricerefresh.Read(t.Context(), pricerefresh.Options{
		Region: "eu-west-1", Today: today, Types: []string{"g6.xlarge", "g5.xlarge", "g5.xlarge", "p9.huge"},
		Market: market{onDemand: map[string]float64{"g5.xlarge": 1.1, "m5.large": 0.1, "p9.huge": 0}, spot: map[string]float64{"g5.xlarge": 0.4, "g6.xlarge": 0.3}},
	})
	require.NoError(t, err)
	var items []string
	for _, price := range read {
		items = append(items, price.Item)
		require.Equal(t, "eu-west-1", price.Source.Region)
		require.Equal(t, today, price.Source.AsOf)
	}
	require.Equal(t, []string{"g5.xlarge on-demand", "g5.xlarge spot", "g6.xlarge spot"}, items)
}

func TestNoPriceIsAnErrorAndNoEmptyFile(t *testing.T) {
	_, err := pricerefresh.Read(t.Context(), pricerefresh.Options{Region: "xx-1", Types: []string{"g5.xlarge"}, Market: market{}})
	require.ErrorContains(t, err, "AWS told no price")
	_, err = pricerefresh.Read(t.Context(), pricerefresh.Options{Region: "xx-1", Market: market{err: errors.New("refused")}})
	require.ErrorContains(t, err, "reading the price list of xx-1: refused")
}
