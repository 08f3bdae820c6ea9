package experiment

import (
	"fmt"
	"math"
	"time"

	"tandem/prices"
)

// used are the prices of a run, and the market of its instance type.
type used struct {
	spot, onDemand         float64 // USD an hour
	spotFrom, onDemandFrom string
	sources                []prices.Source
	// hazard in interruptions an hour, and who says so.
	hazard     float64
	hazardFrom string
}

const fromScenario = "the scenario"

// Sources of the prices that are used, for warnings about their age.
func (e *Experiment) Sources() []prices.Source { return e.prices.sources }

// price looks up what the scenario does not say.
func (e *Experiment) price(table *prices.Table) error {
	i, market, p := &e.Scenario.Instance, &e.Scenario.Spot, &e.prices
	look := func(own *float64, find func(region, kind string) (prices.Price, error), path string) (float64, string, error) {
		if own != nil {
			return *own, fromScenario, nil
		}
		price, err := find(i.Region, i.Type)
		if err != nil {
			return 0, "", fmt.Errorf("%s: %w, and %s in the scenario says it", e.document.place("instance.type"), err, path)
		}
		p.sources = append(p.sources, price.Source)
		usd := price.USD
		from := fmt.Sprintf("price list of %s", price.Source.AsOf.Format(time.DateOnly))
		if price.Note != "" {
			from += ", " + price.Note
		}
		if i.part > 0 {
			usd *= i.part
		}
		return usd, from, nil
	}
	var err error
	if p.onDemand, p.onDemandFrom, err = look(i.Price, table.OnDemand, "instance.price"); err != nil {
		return err
	}
	if p.spot, p.spotFrom, err = look(market.Price, table.SpotPrice, "spot.price"); err != nil {
		return err
	}
	p.hazardFrom = fromScenario
	switch known, _, found := table.Spot(i.Region, i.Type); {
	case market.InterruptionsPerDay != nil:
		p.hazard = *market.InterruptionsPerDay / 24
	case market.Trace != "":
		p.hazardFrom = "the trace alone tells when"
	case found && known.Interrupted > 0:
		// The share of a month's instances that were taken, at a rate that is the same at all times.
		p.hazard = -math.Log(1-known.Interrupted) / hoursAMonth
		p.hazardFrom = "Spot Advisor, " + known.Band + " a month"
	default:
		p.hazardFrom = "nothing is known of it"
	}
	return nil
}

// pricesFrom is the date of the oldest price used; empty where all are the scenario's.
func (p *used) pricesFrom() string {
	oldest := ""
	for _, source := range p.sources {
		if day := source.AsOf.Format(time.DateOnly); oldest == "" || day < oldest {
			oldest = day
		}
	}
	return oldest
}
