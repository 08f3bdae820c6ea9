package prices

import (
	"fmt"
	"strings"
)

// Unit is what one price is for, such as GB-second or million.
type Unit string

// Price is what one unit of a service costs.
type Price struct {
	// Service, such as sqs, and Item, such as standard requests.
	Service, Item string
	// USD for one Unit.
	USD  float64
	Unit Unit
	// Free units a month, of an account and for ever. They are not taken off
	// here: other environments of the account may have used them up.
	Free float64
	// Note on tiers, which are not taken off here either.
	Note string
	// Source tells where the price was read, for which region and when.
	Source Source
}

// Each returns the price of a single request or unit where Unit is a multiple
// of one: thousand, ten thousand, million.
func (p Price) Each() float64 {
	switch p.Unit {
	case "thousand":
		return p.USD / 1e3
	case "ten thousand":
		return p.USD / 1e4
	case "million":
		return p.USD / 1e6
	default:
		return p.USD
	}
}

// Service looks up the price of an item of an AWS service in the home region.
// An unknown item is an error that names the known ones, never a price of zero.
func (t *Table) Service(service, item string) (Price, error) {
	return t.ServiceIn(Home, service, item)
}

// ServiceIn looks up a price in a region, and in the home region where that
// has none: the price's Source names the region that it is for.
func (t *Table) ServiceIn(region, service, item string) (Price, error) {
	for _, region := range []string{region, Home} {
		if price, found := t.services[key{service, item, region}]; found {
			return price, nil
		}
	}
	return Price{}, fmt.Errorf("no price for %s, %q; known are: %s", service, item, strings.Join(t.items(service), ", "))
}

func (t *Table) items(service string) []string {
	var items []string
	for _, price := range t.ordered {
		if price.Service == service {
			items = append(items, price.Item)
		}
	}
	return items
}
