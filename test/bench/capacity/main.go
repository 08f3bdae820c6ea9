// Command capacity puts the production capacity policy beside its peers on all
// traces that there are, and prints the result. Run it by make bench-capacity.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"tandem/test/bench/capacity/compare"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	only := flag.String("only", "", "only workloads whose name contains this")
	document := flag.String("write", "", "file to put the report into, between its markers")
	flag.Parse()
	report, err := compare.Bench(ctx, *only, os.Stderr)
	if err == nil {
		fmt.Println(report)
		// Parts of the report do not replace the whole.
		if *document != "" && *only == "" {
			err = compare.Insert(*document, report)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
