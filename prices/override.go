package prices

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// overrideHeader is the first line of a file of own prices.
var overrideHeader = []string{"service", "item", "region", "unit", "usd", "as_of", "source", "note"}

// Override lays prices of one's own over those that are shipped: negotiated
// ones, other regions, or what 'tandem prices refresh' wrote. The name is for
// messages. An item must be one that is known, by the same unit, but for
// instance types, whose items are "TYPE on-demand" and "TYPE spot" of ec2.
// A wrong file is an error that names its line, and changes nothing.
func (t *Table) Override(name string, from io.Reader) error {
	var laid []Price
	seen := map[key]bool{}
	header, err := eachRowOf(from, name, len(overrideHeader), func(row []string) error {
		price, err := t.overriding(name, row)
		if err != nil {
			return err
		}
		at := key{price.Service, price.Item, price.Source.Region}
		if seen[at] {
			return fmt.Errorf("%s, %q in %s is priced twice", price.Service, price.Item, price.Source.Region)
		}
		seen[at] = true
		laid = append(laid, price)
		return nil
	})
	if err != nil {
		return err
	}
	if !slices.Equal(header, overrideHeader) {
		return fmt.Errorf("reading prices from %s:1: the first line must be %s", name, strings.Join(overrideHeader, ","))
	}
	for _, price := range laid {
		t.lay(price)
	}
	return nil
}

func (t *Table) overriding(name string, row []string) (Price, error) {
	price := Price{Service: row[0], Item: row[1], Unit: Unit(row[3]), Note: row[7]}
	price.Source = Source{File: name, Region: row[2], From: row[6]}
	if price.Source.Region == "" {
		return Price{}, fmt.Errorf("the price of %s, %q names no region", price.Service, price.Item)
	}
	var err error
	if price.USD, err = parseUSD(row[4]); err != nil {
		return Price{}, err
	}
	if price.Source.AsOf, err = parseDay(row[5]); err != nil {
		return Price{}, err
	}
	if price.Service == EC2 {
		if !strings.HasSuffix(price.Item, onDemand) && !strings.HasSuffix(price.Item, spot) {
			return Price{}, fmt.Errorf("ec2 item %q does not end in %q or %q", price.Item, onDemand[1:], spot[1:])
		}
		if price.Unit != perHour {
			return Price{}, fmt.Errorf("ec2, %q is priced by the hour, not by %q", price.Item, price.Unit)
		}
		return price, nil
	}
	known, err := t.Service(price.Service, price.Item)
	if err != nil {
		return Price{}, fmt.Errorf("%w%s", err, t.hint(price.Service, price.Item))
	}
	if known.Unit != price.Unit {
		return Price{}, fmt.Errorf("%s, %q is priced by %q, not by %q", price.Service, price.Item, known.Unit, price.Unit)
	}
	price.Free = known.Free
	return price, nil
}

func (t *Table) lay(price Price) {
	at := key{price.Service, price.Item, price.Source.Region}
	if _, found := t.services[at]; !found {
		t.ordered = append(t.ordered, price)
	}
	t.services[at] = price
	for i, old := range t.ordered {
		if (key{old.Service, old.Item, old.Source.Region}) == at {
			t.ordered[i] = price
		}
	}
}

// hint is the nearest item that there is.
func (t *Table) hint(service, item string) string {
	best, distance := "", 6
	for _, price := range t.ordered {
		if d := levenshtein.ComputeDistance(service+" "+item, price.Service+" "+price.Item); d < distance {
			best, distance = fmt.Sprintf("; did you mean %s, %q?", price.Service, price.Item), d
		}
	}
	return best
}
