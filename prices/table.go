package prices

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"time"
)

//go:embed data/*.csv
var data embed.FS

// Home is the region that the shipped prices are for, and that a lookup for
// another region falls back to: the price says so in its Source.
const Home = "us-east-1"

// Source is where prices come from.
type Source struct {
	// File that holds them.
	File string
	// Region they are for; empty where the file names one a row, or prices are the same everywhere.
	Region string
	// AsOf is the day on which they were read.
	AsOf time.Time
	// From is who published them.
	From string
}

// Table is all prices. It is not safe for use while it is overridden.
type Table struct {
	sources  map[string]Source
	services map[key]Price
	spots    map[spotKey]Spot
	ordered  []Price
}

// key finds a price.
type key struct{ service, item, region string }

// Load reads the prices that this project ships.
func Load() (*Table, error) {
	files, err := fs.Sub(data, "data")
	if err != nil {
		return nil, fmt.Errorf("opening the price data: %w", err)
	}
	return read(files)
}

func read(files fs.FS) (*Table, error) {
	table := &Table{sources: map[string]Source{}, services: map[key]Price{}, spots: map[spotKey]Spot{}}
	for _, file := range []struct {
		name    string
		columns int
		add     func([]string) error
	}{
		{"sources.csv", 4, table.addSource},
		{"services.csv", 8, table.addService},
		{"ec2-on-demand.csv", 3, table.addOnDemand},
		{"spot-advisor.csv", 4, table.addAdvice},
		{"spot-seen.csv", 4, table.addSeen},
	} {
		if err := eachRow(files, file.name, file.columns, file.add); err != nil {
			return nil, err
		}
	}
	return table, nil
}

func (t *Table) addSource(row []string) error {
	day, err := parseDay(row[2])
	if err != nil {
		return err
	}
	t.sources[row[0]] = Source{File: row[0], Region: row[1], AsOf: day, From: row[3]}
	return nil
}

// addService reads service, item, unit, usd, free, note, as_of and source; the
// last two are those of the file where they are empty.
func (t *Table) addService(row []string) error {
	usd, err := parseUSD(row[3])
	if err != nil {
		return err
	}
	price := Price{Service: row[0], Item: row[1], Unit: Unit(row[2]), USD: usd, Note: row[5], Source: t.sources["services.csv"]}
	if row[4] != "" {
		if price.Free, err = strconv.ParseFloat(row[4], 64); err != nil || price.Free < 0 {
			return fmt.Errorf("free amount %q is not a number of units", row[4])
		}
	}
	if row[6] != "" {
		if price.Source.AsOf, err = parseDay(row[6]); err != nil {
			return err
		}
	}
	if row[7] != "" {
		price.Source.From = row[7]
	}
	return t.add(price)
}

// add takes a price that is not there yet.
func (t *Table) add(price Price) error {
	if price.Unit == "" {
		return fmt.Errorf("%s, %q has no unit", price.Service, price.Item)
	}
	at := key{price.Service, price.Item, price.Source.Region}
	if _, found := t.services[at]; found {
		return fmt.Errorf("%s, %q is priced twice", price.Service, price.Item)
	}
	t.services[at] = price
	t.ordered = append(t.ordered, price)
	return nil
}

// All lists the prices of services and instances, in the order of their files.
func (t *Table) All() []Price { return slices.Clone(t.ordered) }

// Sources lists where the prices come from, by file.
func (t *Table) Sources() []Source {
	var all []Source
	for _, name := range slices.Sorted(maps.Keys(t.sources)) {
		all = append(all, t.sources[name])
	}
	return all
}

// Oldest is the source that was read the longest ago, which is what the age of
// the table should be judged by.
func (t *Table) Oldest() Source {
	var oldest Source
	for _, source := range t.Sources() {
		if oldest.AsOf.IsZero() || source.AsOf.Before(oldest.AsOf) {
			oldest = source
		}
	}
	return oldest
}
