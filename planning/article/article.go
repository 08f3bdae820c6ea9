// Package article reproduces the figures of the article that argued for this
// hybrid from its own rate card, and puts the same work at dated list prices
// beside them, so that its table can be checked and its inputs be seen.
package article

import (
	"fmt"

	"tandem/config"
	"tandem/planning/yamlfile"
	"tandem/prices"
)

// Card is the article's rate card and its examples.
type Card struct {
	Title  string `yaml:"title"`
	Author string `yaml:"author"`
	Date   string `yaml:"date"`
	// Rates in USD a second of one GPU.
	Rates struct {
		Lambda   Range `yaml:"lambda"`
		OnDemand Range `yaml:"onDemand"`
		Spot     Range `yaml:"spot"`
	} `yaml:"rates"`
	Documents struct {
		PerDay     float64 `yaml:"perDay"`
		Minutes    float64 `yaml:"minutes"`
		DaysAMonth float64 `yaml:"daysAMonth"`
		LambdaRate float64 `yaml:"lambdaRate"`
		SpotRate   float64 `yaml:"spotRate"`
	} `yaml:"documents"`
	Move struct {
		PerDay         float64 `yaml:"perDay"`
		Minutes        float64 `yaml:"minutes"`
		LambdaMonthly  float64 `yaml:"lambdaMonthly"`
		ClusterMonthly float64 `yaml:"clusterMonthly"`
	} `yaml:"move"`
	Split struct {
		Lambda float64 `yaml:"lambda"`
		ECS    float64 `yaml:"ecs"`
	} `yaml:"split"`
	Assumed struct {
		Instance string `yaml:"instance"`
		Smaller  string `yaml:"smaller"`
		Call     struct {
			Provider     string  `yaml:"provider"`
			Model        string  `yaml:"model"`
			InputTokens  float64 `yaml:"inputTokens"`
			OutputTokens float64 `yaml:"outputTokens"`
			Seconds      float64 `yaml:"seconds"`
			MemoryGB     float64 `yaml:"memoryGB"`
		} `yaml:"call"`
	} `yaml:"assumed"`
}

// Range of a rate.
type Range struct {
	Low  float64 `yaml:"low"`
	High float64 `yaml:"high"`
}

// Read reads a card.
func Read(name string, raw []byte) (*Card, error) {
	var card Card
	if err := yamlfile.Decode(name, raw, &card); err != nil {
		return nil, fmt.Errorf("reading the article's figures: %w", err)
	}
	return &card, nil
}

// Row is one way to do the documents' work.
type Row struct {
	Option string
	// Rate in USD a second of one GPU.
	Rate float64
	// Daily and Monthly cost in USD.
	Daily, Monthly float64
}

// documents at a rate.
func (c *Card) documents(option string, rate float64) Row {
	daily := c.Documents.PerDay * c.Documents.Minutes * 60 * rate
	return Row{option, rate, daily, daily * c.Documents.DaysAMonth}
}

// Table is the article's own table.
func (c *Card) Table() []Row {
	return []Row{
		c.documents("Lambda with GPU", c.Documents.LambdaRate),
		c.documents("EC2 with GPU spot instance", c.Documents.SpotRate),
	}
}

// Real is what the same work costs at list prices.
type Real struct {
	// Managed, OnDemand and Spot are USD a second of one A100: Lambda Managed
	// Instances' surcharge on the EC2 price, the EC2 price, and what spot was
	// seen at; Smaller and SmallerSpot those of the smaller instance.
	Managed, OnDemand, Spot, Smaller, SmallerSpot float64
	// Rows for the documents.
	Rows []Row
	// Call is USD for one call of the first tier.
	Call    float64
	Sources []prices.Source
}

// Prices are the tables that the real costs are looked up in.
type Prices struct {
	Table  *prices.Table
	Tokens *prices.Tokens
}

// Real looks the same work up.
func (c *Card) Real(p Prices) (*Real, error) {
	instance, found := config.LookupInstanceType(c.Assumed.Instance)
	if !found || instance.GPUs == 0 {
		return nil, fmt.Errorf("%s is no instance type with GPUs", c.Assumed.Instance)
	}
	r := &Real{}
	gpuSeconds := float64(instance.GPUs) * 3600
	var surcharge, requests, duration, gateway float64
	for _, look := range []struct {
		into *float64
		find func() (prices.Price, error)
		each float64
	}{
		{&r.OnDemand, func() (prices.Price, error) { return p.Table.OnDemand(prices.Home, c.Assumed.Instance) }, gpuSeconds},
		{&r.Spot, func() (prices.Price, error) { return p.Table.SpotPrice(prices.Home, c.Assumed.Instance) }, gpuSeconds},
		{&r.Smaller, func() (prices.Price, error) { return p.Table.OnDemand(prices.Home, c.Assumed.Smaller) }, 3600},
		{&r.SmallerSpot, func() (prices.Price, error) { return p.Table.SpotPrice(prices.Home, c.Assumed.Smaller) }, 3600},
		{&surcharge, func() (prices.Price, error) { return p.Table.Service("lambda", "managed instances") }, 1},
		{&requests, func() (prices.Price, error) { return p.Table.Service("lambda", "requests") }, 1},
		{&duration, func() (prices.Price, error) { return p.Table.Service("lambda", "arm duration") }, 1},
		{&gateway, func() (prices.Price, error) { return p.Table.Service("apigateway", "rest requests") }, 1},
	} {
		price, err := look.find()
		if err != nil {
			return nil, fmt.Errorf("pricing the article's work: %w", err)
		}
		*look.into = price.Each() / look.each
		r.Sources = append(r.Sources, price.Source)
	}
	r.Managed = r.OnDemand * (1 + surcharge)
	call := c.Assumed.Call
	tokens, err := p.Tokens.Price(call.Provider, call.Model)
	if err != nil {
		return nil, fmt.Errorf("pricing the article's work: %w", err)
	}
	r.Sources = append(r.Sources, tokens.Source)
	r.Call = (call.InputTokens*tokens.Input+call.OutputTokens*tokens.Output)/1e6 + requests + gateway + call.Seconds*call.MemoryGB*duration
	r.Rows = []Row{
		c.documents("Lambda Managed Instances on A100, if they had GPUs", r.Managed),
		c.documents("EC2 A100 on demand (an eighth of a "+c.Assumed.Instance+")", r.OnDemand),
		c.documents("EC2 A100 spot", r.Spot),
		c.documents("EC2 L4 on demand ("+c.Assumed.Smaller+"), if it takes as long", r.Smaller),
		c.documents("EC2 L4 spot", r.SmallerSpot),
	}
	return r, nil
}

// Saving is the share that the move saved, 0 to 1.
func (c *Card) Saving() float64 { return 1 - c.Move.ClusterMonthly/c.Move.LambdaMonthly }

// moveSeconds of GPU that the moved workload takes a month.
func (c *Card) moveSeconds() float64 {
	return c.Move.PerDay * c.Move.Minutes * 60 * c.Documents.DaysAMonth
}

// SplitUSD are the two tiers' monthly USD, where the cluster of the move is the
// second tier.
func (c *Card) SplitUSD() (lambda, ecs float64) {
	ecs = c.Move.ClusterMonthly
	return ecs * c.Split.Lambda / c.Split.ECS, ecs
}
