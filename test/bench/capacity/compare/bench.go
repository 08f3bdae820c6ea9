package compare

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tandem/planning/simulate/traces"
	"tandem/test/bench/report"
	"tandem/test/checkout"
)

// Bench runs the whole comparison on all traces that there are, and returns the report.
func Bench(ctx context.Context, only string, progress io.Writer) (string, error) {
	root, err := checkout.Root()
	if err != nil {
		return "", fmt.Errorf("looking for the traces: %w", err)
	}
	set, err := traces.Find(os.Getenv(traces.Variable), root, traces.V100)
	if err != nil {
		return "", err
	}
	began := time.Now()
	fmt.Fprintln(progress, "measuring the simulator")
	arrivals, took, err := MeasureRun()
	if err != nil {
		return "", err
	}
	speed := Speed(arrivals, took, MeasureDecide())
	fmt.Fprintln(progress, speed)
	matrix := Matrix{Traces: set, Tune: true}
	for _, workload := range Workloads() {
		if strings.Contains(workload.Name, only) {
			matrix.Workloads = append(matrix.Workloads, workload)
		}
	}
	fmt.Fprintf(progress, "%d recordings, %d spot traces, %d workloads\n", len(set.Arrivals), len(set.Spot), len(matrix.Workloads))
	cells, err := matrix.Run(ctx)
	if err != nil {
		return "", err
	}
	from := "those shipped"
	if set.From != "shipped" {
		from = fmt.Sprintf("%d of arrivals and %d of spot", len(set.Arrivals), len(set.Spot))
	}
	return Report(cells, Figures{Head: report.Machine(began), Traces: from, Speed: speed}), nil
}
