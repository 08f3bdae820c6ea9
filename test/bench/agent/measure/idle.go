package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/test/bench/report"
	"tandem/test/gpu"
)

// Targets of the idle agent.
const (
	mostResident = 20 << 20
	mostCPU      = 2 * time.Millisecond
	mostScrape   = 5 * time.Millisecond
)

// idle watches an agent with nothing to do but to look.
func (b *Bench) idle(ctx context.Context) (rows []row, err error) {
	s, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	usage, err := watch(ctx, s.Usage, b.Idle)
	if err != nil {
		return nil, err
	}
	return []row{
		judged(fmt.Sprintf("resident, %d GPUs with 18 NVLinks each, default periods, after %s", gpus, b.Idle), report.Mebibytes(usage.Resident), "20 MiB", usage.Resident <= mostResident),
		judged("CPU a second, the same", report.Milliseconds(usage.CPU), "2 ms", usage.CPU <= mostCPU),
	}, nil
}

// watch lets a process settle, and returns what it holds in the end and the CPU
// time that it used a second.
func watch(ctx context.Context, usage func() (gpu.Usage, error), how time.Duration) (gpu.Usage, error) {
	if err := sleep(ctx, 3*time.Second); err != nil {
		return gpu.Usage{}, err
	}
	before, err := usage()
	if err != nil {
		return gpu.Usage{}, err
	}
	began := time.Now()
	if err := sleep(ctx, how); err != nil {
		return gpu.Usage{}, err
	}
	after, err := usage()
	after.CPU = time.Duration(float64(after.CPU-before.CPU) / time.Since(began).Seconds())
	return after, err
}

func sleep(ctx context.Context, how time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(how):
		return nil
	}
}

// scrapes that are measured.
const scrapes = 200

func (b *Bench) scrape(ctx context.Context) (rows []row, err error) {
	s, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	before, err := s.Usage()
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	page := ""
	for range scrapes {
		began := time.Now()
		if page, err = s.Get(ctx, "/metrics"); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	usage, err := s.Usage()
	if err != nil {
		return nil, err
	}
	return []row{
		judged(fmt.Sprintf("a scrape of %d GPUs over HTTP, %d series", gpus, len(gpu.Samples(page))),
			fmt.Sprintf("%s typical, %s at the 99th percentile", report.Milliseconds(took[scrapes/2]), report.Milliseconds(took[scrapes*99/100])), "5 ms", took[scrapes*99/100] <= mostScrape),
		beside(fmt.Sprintf("after %d scrapes in a row", scrapes), fmt.Sprintf("%s resident, %s of CPU for each", report.Mebibytes(usage.Resident), report.Milliseconds((usage.CPU-before.CPU)/scrapes))),
	}, nil
}
