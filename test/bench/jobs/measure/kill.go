package measure

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
	"tandem/test/checkout"
)

// mostIdle is how long a killed worker's job may wait while another is idle.
const mostIdle = 35 * time.Second

// kill -9 of a worker in the middle of a job, while another is idle.
func (b *Bench) kill(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "bench-kill-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "worker")
	if err := build(ctx, "runtime/worker/cmd/worker", runtime.GOARCH, binary); err != nil {
		return nil, err
	}
	c, err := newCloud(ctx)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	cases := []struct {
		age    time.Duration
		worker string
		beside string
	}{
		{5 * time.Second, "age-5", "Cortex 25 s (quoted)"},
		{10 * time.Second, "age-10", ""},
		{45 * time.Second, "age-45", "Cortex 44 s (quoted)"},
	}
	for _, killed := range cases {
		if err := c.addQueues(ctx, killed.worker); err != nil {
			return nil, err
		}
	}
	waits := make([]time.Duration, len(cases))
	errs := make([]error, len(cases))
	var group sync.WaitGroup
	for i, killed := range cases {
		group.Go(func() { waits[i], errs[i] = killedAt(ctx, c, binary, killed.worker, killed.age) })
	}
	group.Wait()
	var rows []Row
	for i, killed := range cases {
		if errs[i] != nil {
			return rows, fmt.Errorf("killing after %v: %w", killed.age, errs[i])
		}
		rows = append(rows, Row{What: fmt.Sprintf("kill -9 %v into a job: running on an idle worker after", killed.age),
			Measured: fmt.Sprintf("%.1f s", waits[i].Seconds()), Beside: killed.beside, Target: "35 s", Met: waits[i] <= mostIdle})
	}
	late, err := killedLate(ctx)
	return append(rows, late...), err
}

// killedAt starts two workers, kills the one that runs a job of an age, and
// returns how long it took until the other ran it.
func killedAt(ctx context.Context, c *cloud, binary, name string, age time.Duration) (time.Duration, error) {
	began := make(chan int, 4)
	var workers []*process
	for i := range 2 {
		endpoint, stop, err := startContainer(ctx, func(_ http.ResponseWriter, r *http.Request) {
			began <- i
			<-r.Context().Done()
		})
		if err != nil {
			return 0, err
		}
		defer stop()
		metrics, err := freeAddress(ctx)
		if err != nil {
			return 0, err
		}
		w, err := startWorker(binary, c.workerEnviron(func(s *settings.Worker) { s.Name, s.Endpoint, s.MetricsAddress = name, endpoint, metrics })...)
		if err != nil {
			return 0, err
		}
		defer w.stop()
		workers = append(workers, w)
	}
	if _, _, err := c.deploy(c.config, nil).service.Submit(ctx, jobs.Submission{Tenant: "acme", Worker: name, Input: []byte("{}")}); err != nil {
		return 0, err
	}
	victim, err := within(ctx, began, 30*time.Second)
	if err != nil {
		return 0, fmt.Errorf("the job did not start: %w: %s", err, workers[0].said())
	}
	time.Sleep(age)
	killed := time.Now()
	if err := workers[victim].command.Process.Kill(); err != nil {
		return 0, err
	}
	heir, err := within(ctx, began, 2*time.Minute)
	if err != nil || heir == victim {
		return 0, fmt.Errorf("the job did not start again elsewhere: %w: %s", err, workers[1-victim].said())
	}
	return time.Since(killed), nil
}

func within(ctx context.Context, began <-chan int, limit time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case which := <-began:
		return which, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// lateTest kills workers in fake time and logs how long each job waited.
const lateTest = "TestAKilledWorkersJobRunsElsewhereWithin35Seconds"

var lateCase = regexp.MustCompile(`(?m)^\s+lease_test\.go:\d+: (past [^:]+): running elsewhere after (\S+)$`)

// killedLate runs the worker package's own test past SQS's limit of 12 h: a
// process cannot be made to live through half a day here.
func killedLate(ctx context.Context) ([]Row, error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", "^"+lateTest+"$/^past", "./runtime/worker")
	command.Dir = root
	said, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("killing past 11 h in fake time: %w: %s", err, said)
	}
	var rows []Row
	for _, found := range lateCase.FindAllSubmatch(said, -1) {
		wait, err := time.ParseDuration(string(found[2]))
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{What: fmt.Sprintf("the same %s, in fake time on the memory store", found[1]),
			Measured: fmt.Sprintf("%.1f s", wait.Seconds()), Target: "35 s", Met: wait <= mostIdle})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s told no waits: %s", lateTest, said)
	}
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.What, b.What) })
	return rows, nil
}
