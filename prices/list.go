package prices

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Spots lists the spot prices of a region, by type: of all types that are
// known there or, for what is derived, in the home region.
func (t *Table) Spots(region string) []Price {
	types := map[string]bool{}
	for at := range t.spots {
		if at.region == region || at.region == Home {
			types[at.instanceType] = true
		}
	}
	for at := range t.services {
		if kind, found := strings.CutSuffix(at.item, spot); found && at.service == EC2 {
			types[kind] = true
		}
	}
	var all []Price
	for _, kind := range slices.Sorted(maps.Keys(types)) {
		if price, err := t.SpotPrice(region, kind); err == nil {
			all = append(all, price)
		}
	}
	return all
}

// InstanceTypes lists those that have an on-demand price, sorted.
func (t *Table) InstanceTypes() []string {
	types := map[string]bool{}
	for at := range t.services {
		if kind, found := strings.CutSuffix(at.item, onDemand); found && at.service == EC2 {
			types[kind] = true
		}
	}
	return slices.Sorted(maps.Keys(types))
}

// OnDemandItem and SpotItem are how an instance type's prices are called.
func OnDemandItem(instanceType string) string { return instanceType + onDemand }

// SpotItem is the spot counterpart of [OnDemandItem].
func SpotItem(instanceType string) string { return instanceType + spot }

// All lists the models' prices, by provider and model.
func (t *Tokens) All() []TokenPrice {
	return slices.SortedFunc(maps.Values(t.prices), func(a, b TokenPrice) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Model, b.Model))
	})
}

// WriteCSV writes prices in the form that [Table.Override] reads.
func WriteCSV(w io.Writer, prices []Price) error {
	out := csv.NewWriter(w)
	if err := out.Write(overrideHeader); err != nil {
		return err
	}
	for _, p := range prices {
		row := []string{p.Service, p.Item, p.Source.Region, string(p.Unit), strconv.FormatFloat(p.USD, 'g', -1, 64),
			p.Source.AsOf.Format(time.DateOnly), p.Source.From, p.Note}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
