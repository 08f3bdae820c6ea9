package main

import (
	"fmt"
	"os"
	"time"

	"tandem/prices"
)

// warnAbout says which prices are old or another region's.
func warnAbout(s streams, sources []prices.Source, region string, now time.Time) {
	for _, warning := range prices.Warnings(sources, region, now) {
		fmt.Fprintf(s.err, "warning: %s\n", warning)
	}
}

// loadPrices reads the shipped prices and, over them, a file of one's own.
func loadPrices(own string) (*prices.Table, error) {
	table, err := prices.Load()
	if err != nil || own == "" {
		return table, err
	}
	file, err := os.Open(own)
	if err != nil {
		return nil, fmt.Errorf("reading own prices: %w", err)
	}
	defer file.Close()
	return table, table.Override(own, file)
}
