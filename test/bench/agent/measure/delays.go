package measure

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"tandem/runtime/nodestatus"
	"tandem/test/bench/report"
	"tandem/test/gpu"
)

// Targets of delays.
const (
	mostXid     = time.Second
	typicalXid  = 50 * time.Millisecond
	mostSpot    = 1500 * time.Millisecond
	stormLines  = 10_000
	stormGrowth = 4 << 20
)

// line is one of the kernel log's, of now, for the first GPU.
func line(sequence, code int, rest string) string {
	var seconds float64
	if raw, err := os.ReadFile("/proc/uptime"); err == nil {
		_, _ = fmt.Sscan(string(raw), &seconds)
	}
	return fmt.Sprintf("4,%d,%d,-;NVRM: Xid (PCI:0000:00:10): %d, pid=4711, name=python3, %s\n", sequence, int64(seconds*1e6), code, rest)
}

// xid measures from a GPU that falls off the bus to the file that workers read,
// told by the kernel log and by the driver's library.
func (b *Bench) xid(ctx context.Context) ([]row, error) {
	var rows []row
	for _, source := range []struct {
		name string
		tell func(*stage) error
	}{
		{"kernel log", func(s *stage) error {
			_, err := s.log.WriteString(line(1, 79, "GPU has fallen off the bus."))
			return err
		}},
		{"driver's library", func(s *stage) error { return s.driver.Add("event 0 79") }},
	} {
		took, err := b.repeat(ctx, nil, func(s *stage) (time.Duration, error) {
			if err := source.tell(s); err != nil {
				return 0, err
			}
			return s.await(ctx, 10*time.Second, func(status nodestatus.Status) bool {
				return status.State == nodestatus.Impaired && slices.Contains(status.Reasons, "XID_79")
			})
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, judged(
			"Xid 79 by the "+source.name+" to IMPAIRED in the status file",
			fmt.Sprintf("%s typical, %s at worst of %d", report.Milliseconds(took[len(took)/2]), report.Milliseconds(took[len(took)-1]), len(took)),
			"50 ms typical, 1 s at worst", took[len(took)/2] <= typicalXid && took[len(took)-1] <= mostXid,
		))
	}
	return rows, nil
}

// repeat a measurement, each time on a new agent; the results are sorted.
func (b *Bench) repeat(ctx context.Context, environment []string, measure func(*stage) (time.Duration, error)) ([]time.Duration, error) {
	var took []time.Duration
	for range max(b.Rounds, 1) {
		s, err := b.start(ctx, environment...)
		if err != nil {
			return nil, err
		}
		// Wherever its periods stand.
		err = sleep(ctx, time.Second+rand.N(time.Second))
		if err == nil {
			var one time.Duration
			one, err = measure(s)
			took = append(took, one)
		}
		if err = errors.Join(err, s.close()); err != nil {
			return nil, err
		}
	}
	slices.Sort(took)
	return took, nil
}

// spot measures from EC2's notice to the status file and to the call that drains.
func (b *Bench) spot(ctx context.Context) ([]row, error) {
	var drained []time.Duration
	told, err := b.repeat(ctx, []string{"TANDEM_AGENT_MODE=protect"}, func(s *stage) (time.Duration, error) {
		announced := time.Now()
		s.cloud.reclaim()
		took, err := s.await(ctx, 10*time.Second, func(status nodestatus.Status) bool { return status.Spot != nil })
		if err != nil {
			return 0, err
		}
		for s.cloud.drainedAt().IsZero() {
			if time.Since(announced) > 10*time.Second {
				return 0, errors.New("the instance was not set to DRAINING within 10s")
			}
			if err := sleep(ctx, time.Millisecond); err != nil {
				return 0, err
			}
		}
		drained = append(drained, s.cloud.drainedAt().Sub(announced))
		return took, nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(drained)
	last := len(told) - 1
	return []row{
		judged("spot notice to the status file", fmt.Sprintf("%s typical, %s at worst of %d", report.Milliseconds(told[len(told)/2]), report.Milliseconds(told[last]), len(told)), "1.5 s at worst", told[last] <= mostSpot),
		judged("spot notice to the call that sets DRAINING", fmt.Sprintf("%s typical, %s at worst of %d", report.Milliseconds(drained[len(drained)/2]), report.Milliseconds(drained[last]), len(drained)), "1.5 s at worst", drained[last] <= mostSpot),
		beside("aws-node-termination-handler, notice to action (published)", "1.5 s on average, 3 s at worst"),
	}, nil
}

// storm writes ten thousand lines within a second, as a broken GPU does.
func (b *Bench) storm(ctx context.Context) (rows []row, err error) {
	s, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := sleep(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	before, changes, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for i := range stormLines {
		if _, err := s.log.WriteString(line(i, 79, fmt.Sprintf("GPU has fallen off the bus, time %d", i))); err != nil {
			return nil, fmt.Errorf("writing the storm: %w", err)
		}
		// A hundred at a time, over nine tenths of a second.
		if i%100 == 99 {
			if err := sleep(ctx, time.Until(began.Add(time.Duration(i)*900*time.Millisecond/stormLines))); err != nil {
				return nil, err
			}
		}
	}
	written := time.Since(began)
	if err := sleep(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	after, changed, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	counted, growth := s.counted(ctx), after.Resident-before.Resident
	return []row{judged(
		fmt.Sprintf("%d lines of Xid 79 within %s", stormLines, report.Milliseconds(written)),
		fmt.Sprintf("%.0f counted, %.0f judgement, resident %s before and %s after, %s of CPU", counted, changed-changes, report.Mebibytes(before.Resident), report.Mebibytes(after.Resident), report.Milliseconds(after.CPU-before.CPU)),
		"one judgement, memory flat", changed-changes == 1 && counted == stormLines && growth <= stormGrowth,
	)}, nil
}

// standing is what the agent holds and how often its judgement changed.
func (s *stage) standing(ctx context.Context) (gpu.Usage, float64, error) {
	samples, err := s.Metrics(ctx)
	if err != nil {
		return gpu.Usage{}, 0, err
	}
	usage, err := s.Usage()
	return usage, sum(samples, "gpuagent_changes_total"), err
}

func (s *stage) counted(ctx context.Context) float64 {
	samples, err := s.Metrics(ctx)
	if err != nil {
		return 0
	}
	return sum(samples, "xid_errors_total")
}

func sum(samples []gpu.Sample, name string) float64 {
	total := 0.0
	for _, sample := range samples {
		if sample.Name == name {
			total += sample.Value
		}
	}
	return total
}
