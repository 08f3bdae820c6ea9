package simulationview

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"tandem/planning/simulate/experiment"
)

// Runs writes a row a run: the policy, the seed, and all metrics. Times are in
// seconds but for those that are named hours, money in USD; those of deadlines
// are empty where jobs have none.
func Runs(w io.Writer, r *experiment.Result) error {
	header := []string{"policy", "seed"}
	for _, metric := range experiment.Metrics() {
		header = append(header, metric.Name)
	}
	rows := [][]string{header}
	for _, policy := range r.Policies {
		for i, run := range policy.Runs {
			row := []string{policy.ID, strconv.FormatUint(r.Seeds[i], 10)}
			for _, metric := range experiment.Metrics() {
				value := ""
				if has(policy, metric.Name) {
					value = number(metric.Of(run))
				}
				row = append(row, value)
			}
			rows = append(rows, row)
		}
	}
	return write(w, rows)
}

// Timeline writes a row a sample of each policy's run with the first seed.
func Timeline(w io.Writer, r *experiment.Result) error {
	rows := [][]string{{"policy", "at", "waiting", "running", "spot", "onDemand", "spotAvailable", "cost"}}
	for _, policy := range r.Policies {
		for _, s := range policy.Timeline {
			rows = append(rows, []string{policy.ID, number(s.At), number(s.Waiting), number(s.Running), number(s.Spot), number(s.OnDemand), number(s.SpotAvailable), number(s.Cost)})
		}
	}
	return write(w, rows)
}

func write(w io.Writer, rows [][]string) error {
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
