// Package pricerefresh reads today's prices of EC2 instances and writes them as
// a file of own prices. Where it reads them is left to its port: package
// awsprices asks AWS. What other services cost stays as it is shipped.
package pricerefresh

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/prices"
)

// Market tells what instances of a region cost, in USD an hour by type. Types
// that the region does not have are left out.
type Market interface {
	OnDemand(ctx context.Context, region string) (map[string]float64, error)
	// Spot tells the mean over the region's zones at this moment.
	Spot(ctx context.Context, region string, types []string) (map[string]float64, error)
}

// Options say what to read.
type Options struct {
	Market Market
	Region string
	// Types to read. Required.
	Types []string
	// Today is the day that the prices are dated by.
	Today time.Time
}

// Read reads the prices of the types, on demand and on spot.
func Read(ctx context.Context, o Options) ([]prices.Price, error) {
	onDemand, err := o.Market.OnDemand(ctx, o.Region)
	if err != nil {
		return nil, fmt.Errorf("reading the price list of %s: %w", o.Region, err)
	}
	spot, err := o.Market.Spot(ctx, o.Region, o.Types)
	if err != nil {
		return nil, fmt.Errorf("reading the spot prices of %s: %w", o.Region, err)
	}
	var all []prices.Price
	add := func(item, from string, usd float64) {
		all = append(all, prices.Price{Service: prices.EC2, Item: item, Unit: "hour", USD: usd,
			Source: prices.Source{Region: o.Region, AsOf: o.Today, From: from}})
	}
	types := map[string]bool{}
	for _, kind := range o.Types {
		types[kind] = true
	}
	for _, kind := range slices.Sorted(maps.Keys(types)) {
		if usd, found := onDemand[kind]; found && usd > 0 {
			add(prices.OnDemandItem(kind), "AWS price list", usd)
		}
		if usd, found := spot[kind]; found && usd > 0 {
			add(prices.SpotItem(kind), "EC2 spot price history, mean of the zones", usd)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("AWS told no price of any of these types: is the region right?")
	}
	return all, nil
}
