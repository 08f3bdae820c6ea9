package cost

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/prices"
)

// Item is one thing that a resource is billed for.
type Item struct {
	// What is billed, such as "hours".
	What string `json:"what"`
	// Units a month, of Unit, each at USDPerUnit.
	Units      float64     `json:"units"`
	Unit       prices.Unit `json:"unit"`
	USDPerUnit float64     `json:"usdPerUnit"`
	// PerUse is whether it depends on traffic; what does not is billed for
	// standing there.
	PerUse bool `json:"perUse"`
	// FreeUSD is what the account's free amount takes off at most. It is not
	// taken off here.
	FreeUSD float64 `json:"-"`
	// Note says what was assumed.
	Note string `json:"note,omitempty"`
}

// USD a month.
func (i Item) USD() float64 { return i.Units * i.USDPerUnit }

// estimator prices one assembly under one traffic.
type estimator struct {
	assembly *Assembly
	traffic  *Traffic
	table    *prices.Table
	tokens   TokenPrices
	fleet    *fleet
	demand   map[*Resource]demand
	used     map[prices.Source]bool
	free     map[string]freeAmount
	missing  []error
}

// freeAmount is one account-wide free amount and what there is to take it off.
type freeAmount struct{ limit, spent float64 }

// fixed is an item that is billed whatever happens.
func (e *estimator) fixed(what, service, item string, units float64) Item {
	price, err := e.table.ServiceIn(e.assembly.Region, service, item)
	return e.item(what, price, err, units, false)
}

// perUse is an item that traffic decides.
func (e *estimator) perUse(what, service, item string, units float64) Item {
	price, err := e.table.ServiceIn(e.assembly.Region, service, item)
	return e.item(what, price, err, units, true)
}

// item makes units of single requests out of those of thousands and millions.
func (e *estimator) item(what string, price prices.Price, err error, units float64, perUse bool) Item {
	if err != nil {
		e.missing = append(e.missing, err)
		return Item{What: what, Units: units, PerUse: perUse}
	}
	e.used[price.Source] = true
	unit := price.Unit
	if price.Each() != price.USD {
		unit = "one"
	}
	if price.Free > 0 {
		at := e.free[price.Service+price.Item]
		at.limit = price.Free * price.USD
		at.spent += units * price.Each()
		e.free[price.Service+price.Item] = at
	}
	return Item{What: what, Units: units, Unit: unit, USDPerUnit: price.Each(), PerUse: perUse}
}

func (i Item) noting(format string, arguments ...any) Item {
	i.Note = fmt.Sprintf(format, arguments...)
	return i
}

// Options say what to price.
type Options struct {
	// Prices to use. Required.
	Prices *prices.Table
	// Tokens are the prices of external models. Required where traffic has tokens.
	Tokens TokenPrices
	// Traffic of a month. Default: none.
	Traffic *Traffic
}

// Estimate prices an assembly. A price that is missing is an error; resources
// of an unknown type are listed in the report.
func Estimate(a *Assembly, o Options) (*Report, error) {
	if o.Prices == nil {
		return nil, errors.New("estimating costs: no prices are given")
	}
	if o.Traffic == nil {
		o.Traffic = &Traffic{}
	}
	if o.Tokens == nil && len(o.Traffic.Tokens) > 0 {
		return nil, errors.New("estimating costs: the traffic has tokens, and no token prices are given")
	}
	e := &estimator{assembly: a, traffic: o.Traffic, table: o.Prices, tokens: o.Tokens, used: map[prices.Source]bool{}, free: map[string]freeAmount{}}
	report := &Report{Name: a.Name, Region: a.Region, Free: map[string]Free{}, Unknown: []string{}, Lines: []Line{}}
	if err := e.know(o.Traffic); err != nil {
		return nil, err
	}
	var err error
	if e.fleet, err = readFleet(a); err != nil {
		return nil, err
	}
	e.demand = e.instances()
	for _, resource := range a.Resources {
		entry, known := catalogue()[resource.Type]
		switch {
		case !known:
			report.Unknown = append(report.Unknown, fmt.Sprintf("%s (%s)", resource.Name(), resource.Type))
		case entry.price == nil:
			report.addFree(resource, entry.free)
		default:
			report.addLine(resource, e.tier(resource), entry.price(e, resource))
		}
	}
	e.addTokens(report)
	if len(e.missing) > 0 {
		return nil, fmt.Errorf("estimating costs: %w", errors.Join(e.missing...))
	}
	report.Notes = e.notes()
	report.finish(e)
	return report, nil
}

// know refuses traffic for what the assembly does not have: a typing error
// would make it cheaper.
func (e *estimator) know(traffic *Traffic) error {
	workers, services, documents := e.assembly.workers(), e.assembly.services(), e.assembly.documents()
	for what, names := range map[string]struct{ asked, there []string }{
		"worker":   {slices.Sorted(maps.Keys(traffic.Jobs)), workers},
		"service":  {slices.Sorted(maps.Keys(traffic.Services)), services},
		"document": {slices.Sorted(maps.Keys(traffic.Documents)), documents},
	} {
		for _, name := range names.asked {
			if !slices.ContainsFunc(names.there, func(there string) bool { return there == name || there == pascal(name) }) {
				return fmt.Errorf("the traffic names a %s %q that the templates do not have; there are: %s", what, name, strings.Join(names.there, ", "))
			}
		}
	}
	return nil
}
