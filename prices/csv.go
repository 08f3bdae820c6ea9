package prices

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"time"
)

// eachRow calls add for each row after the header; an error names file and line.
func eachRow(files fs.FS, name string, columns int, add func([]string) error) error {
	file, err := files.Open(name)
	if err != nil {
		return fmt.Errorf("reading prices: %w", err)
	}
	defer func() { _ = file.Close() }()
	_, err = eachRowOf(file, name, columns, add)
	return err
}

// eachRowOf does so for what was opened, and returns the header.
func eachRowOf(from io.Reader, name string, columns int, add func([]string) error) (header []string, err error) {
	reader := csv.NewReader(from)
	reader.FieldsPerRecord = columns
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return header, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return header, fmt.Errorf("reading prices from %s:%d: %w", name, wrong.Line, wrong.Err)
		}
		if err != nil {
			return header, fmt.Errorf("reading prices from %s: %w", name, err)
		}
		if header == nil {
			header = row
			continue
		}
		if err := add(row); err != nil {
			line, _ := reader.FieldPos(0)
			return header, fmt.Errorf("reading prices from %s:%d: %w", name, line, err)
		}
	}
}

func parseUSD(text string) (float64, error) {
	usd, err := strconv.ParseFloat(text, 64)
	if err != nil || usd < 0 || math.IsNaN(usd) || math.IsInf(usd, 0) {
		return 0, fmt.Errorf("price %q is not a number of US dollars", text)
	}
	return usd, nil
}

func parseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("as_of %q is not a day like 2026-07-20", text)
	}
	return day, nil
}
