package cost

import (
	"fmt"

	"tandem/prices"
)

// addTokens adds what external APIs bill: no resource of AWS's, but most of
// the first tier's money.
func (e *estimator) addTokens(report *Report) {
	for _, use := range e.traffic.Tokens {
		price, err := e.tokens.Price(use.Provider, use.Model)
		if err != nil {
			e.missing = append(e.missing, err)
			continue
		}
		e.used[price.Source] = true
		item := func(what string, tokens, usdPerMillion float64) Item {
			return Item{What: what, Units: use.Requests * tokens, Unit: "one", USDPerUnit: usdPerMillion / 1e6, PerUse: true}
		}
		line := Line{Resource: fmt.Sprintf("%s/%s", use.Provider, use.Model), Type: "external API", Tier: "request", Items: []Item{
			item("input tokens", use.Input*(1-use.Cached), price.Input),
			item("cached input tokens", use.Input*use.Cached, price.CachedInput),
			item("output tokens", use.Output, price.Output),
		}}
		for _, item := range line.Items {
			line.PerUse += item.USD()
		}
		report.Lines = append(report.Lines, line)
	}
}

var _ TokenPrices = (*prices.Tokens)(nil)

// TokenPrices tells what a model's tokens cost.
type TokenPrices interface {
	Price(provider, model string) (prices.TokenPrice, error)
}
