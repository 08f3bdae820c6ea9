package prices

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"time"
)

//go:embed data/*.csv
var data embed.FS

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

// Table is all prices.
type Table struct {
	sources  map[string]Source
	services map[string]Price
	ordered  []Price
}

// Load reads the prices that this project ships.
func Load() (*Table, error) {
	files, err := fs.Sub(data, "data")
	if err != nil {
		return nil, fmt.Errorf("opening the price data: %w", err)
	}
	return read(files)
}

func read(files fs.FS) (*Table, error) {
	table := &Table{sources: map[string]Source{}, services: map[string]Price{}}
	if err := eachRow(files, "sources.csv", 4, table.addSource); err != nil {
		return nil, err
	}
	if err := eachRow(files, "services.csv", 5, table.addService); err != nil {
		return nil, err
	}
	return table, nil
}

func (t *Table) addSource(row []string) error {
	day, err := time.Parse(time.DateOnly, row[2])
	if err != nil {
		return fmt.Errorf("as_of %q is not a day like 2026-07-20", row[2])
	}
	t.sources[row[0]] = Source{File: row[0], Region: row[1], AsOf: day, From: row[3]}
	return nil
}

func (t *Table) addService(row []string) error {
	usd, err := strconv.ParseFloat(row[3], 64)
	if err != nil || usd < 0 {
		return fmt.Errorf("price %q is not a number of US dollars", row[3])
	}
	price := Price{Service: row[0], Item: row[1], Unit: Unit(row[2]), USD: usd, Note: row[4], Source: t.sources["services.csv"]}
	key := price.Service + "/" + price.Item
	if _, found := t.services[key]; found {
		return fmt.Errorf("%s, %q is priced twice", price.Service, price.Item)
	}
	t.services[key] = price
	t.ordered = append(t.ordered, price)
	return nil
}

// Oldest is the source that was read the longest ago, which is what the age of
// the table should be judged by.
func (t *Table) Oldest() Source {
	var oldest Source
	for _, source := range t.sources {
		if oldest.AsOf.IsZero() || source.AsOf.Before(oldest.AsOf) {
			oldest = source
		}
	}
	return oldest
}

// eachRow calls add for each row after the header; an error names file and line.
func eachRow(files fs.FS, name string, columns int, add func([]string) error) error {
	file, err := files.Open(name)
	if err != nil {
		return fmt.Errorf("reading prices: %w", err)
	}
	defer func() { _ = file.Close() }()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = columns
	rows, err := reader.ReadAll()
	if err != nil {
		return fmt.Errorf("reading prices from %s: %w", name, err)
	}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		if err := add(row); err != nil {
			return fmt.Errorf("reading prices from %s:%d: %w", name, i+1, err)
		}
	}
	return nil
}
