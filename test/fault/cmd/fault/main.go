// Command fault runs the fault harness; the last line and the exit status tell
// the verdict.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"tandem/test/fault"
)

func main() {
	jobs := flag.Int("jobs", 1000, "jobs to submit")
	kills := flag.Int("kills", 50, "kills by SIGKILL of workers, the API and the sweeper")
	seed := flag.Uint64("seed", 1, "seed of everything that is left to chance")
	folder := flag.String("folder", "", "folder for logs and binaries; default: a new one, removed after a good run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	options := fault.Options{Jobs: *jobs, Kills: *kills, Seed: *seed, Folder: *folder, Out: os.Stdout}
	verdict, err := fault.RunIn(ctx, options)
	if err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(2)
	}
	fmt.Println(verdict.Line(options))
	if len(verdict.Violations) > 0 {
		os.Exit(1)
	}
}
