// Package tokenprices tells the router what tokens cost, from the price table.
package tokenprices

import (
	"tandem/prices"
	"tandem/runtime/models"
)

// Prices implements models.Prices.
type Prices struct {
	// Table of prices. Required.
	Table *prices.Tokens
}

var _ models.Prices = Prices{}

// CostUSD implements models.Prices.
func (p Prices) CostUSD(provider, model string, usage models.Usage) (float64, bool) {
	price, err := p.Table.Price(provider, model)
	if err != nil {
		return 0, false
	}
	return price.USD(usage.Input, usage.CachedInput, usage.CacheWrite, usage.Output), true
}
