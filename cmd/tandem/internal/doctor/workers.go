package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/runtime/jobs"
)

// Services tells how many tasks run.
type Services interface {
	// Services describes ECS services of a cluster, by ARN or name.
	Services(ctx context.Context, cluster string, ids []string) ([]Service, error)
}

// Service is one ECS service.
type Service struct {
	ID               string
	Desired, Running int
}

// workerCheck finds queues that nobody works off.
type workerCheck struct {
	account Services
	made    *inventory
	state   *state
	Deployment
}

// Name implements Check.
func (workerCheck) Name() string { return "workers" }

// What implements Check.
func (workerCheck) What() string { return "every queue has a worker that takes its jobs" }

// Run implements Check.
func (c workerCheck) Run(ctx context.Context) ([]Finding, error) {
	findings := c.differences()
	running, err := c.state.runningJobs(ctx)
	if err != nil {
		return findings, err
	}
	busy := map[string]int{}
	for _, job := range running {
		if job.Lease.Until.After(c.Now) {
			busy[job.Worker]++
		}
	}
	tasks, err := c.tasks(ctx)
	if err != nil {
		return findings, err
	}
	for _, worker := range c.Queues.Names() {
		waiting, err := c.state.waitingJobs(ctx, worker)
		if err != nil {
			return findings, err
		}
		findings = append(findings, c.judge(worker, waiting, busy[worker], tasks[worker])...)
	}
	return orAllWell(findings, "nothing waits longer than it should")
}

// differences between the workers that are configured and those deployed.
func (c workerCheck) differences() []Finding {
	var findings []Finding
	for _, worker := range c.Queues.Names() {
		if _, configured := c.Config.Workers[worker]; !configured {
			findings = append(findings, finding(Warn, "make deploy ENV="+c.Environment, "worker %s is deployed and no longer configured", worker))
		}
	}
	for _, worker := range slices.Sorted(maps.Keys(c.Config.Workers)) {
		if _, deployed := c.Queues.Workers[worker]; !deployed {
			findings = append(findings, finding(Warn, "make deploy ENV="+c.Environment, "worker %s is configured and not deployed", worker))
		}
	}
	return findings
}

// tasks sums up the ECS services of each worker.
func (c workerCheck) tasks(ctx context.Context) (map[string]Service, error) {
	found, err := c.made.ofType(ctx, "AWS::ECS::Service")
	if err != nil {
		return nil, err
	}
	owner := map[string]string{}
	for _, resource := range found {
		if worker := workerOf(resource.LogicalID, c.Queues.Names()); worker != "" {
			owner[resource.ID] = worker
		}
	}
	if len(owner) == 0 {
		return nil, nil
	}
	services, err := c.account.Services(ctx, c.Cluster, slices.Sorted(maps.Keys(owner)))
	if err != nil {
		return nil, fmt.Errorf("describing the services of cluster %s: %w", c.Cluster, err)
	}
	tasks := map[string]Service{}
	for _, service := range services {
		sum := tasks[owner[service.ID]]
		sum.Desired += service.Desired
		sum.Running += service.Running
		tasks[owner[service.ID]] = sum
	}
	return tasks, nil
}

// workerOf finds the worker whose construct a logical id begins with: the
// constructs of document-analyser are below DocumentAnalyser/Worker.
func workerOf(logicalID string, workers []string) string {
	best, length := "", 0
	for _, worker := range workers {
		construct := ""
		for part := range strings.SplitSeq(worker, "-") {
			if part != "" {
				construct += strings.ToUpper(part[:1]) + part[1:]
			}
		}
		construct += "Worker"
		if strings.HasPrefix(logicalID, construct) && len(construct) > length {
			best, length = worker, len(construct)
		}
	}
	return best
}

// patience is how long a job may wait before an idle fleet is a fault: an
// instance starts, pulls its image and loads its model in less.
const patience = 15 * time.Minute

func (c workerCheck) judge(worker string, w waiting, busy int, tasks Service) []Finding {
	limit := max(patience, c.Config.Observability.OldestJob.Std())
	oldest := display.Span(w.oldest)
	switch {
	case w.jobs == 0, w.oldest < patience, busy > 0 && w.oldest < limit:
		return nil
	case busy > 0:
		return []Finding{finding(Warn, "raise workers."+worker+".scale.maximum or its group's maximum, if it is to be faster",
			"%s: %d jobs run, and %d wait, the oldest for %s", worker, busy, w.jobs, oldest)}
	case tasks.Running > 0:
		return []Finding{finding(Fail, "look at the tasks' logs: does the container answer /ping, and can the worker reach its queue?",
			"%s: %d jobs wait, the oldest for %s, and %d tasks run but take none", worker, w.jobs, oldest, tasks.Running)}
	case tasks.Desired > 0:
		return []Finding{finding(Fail, "see the check 'wakes', and the events of its ECS services",
			"%s: %d jobs wait, the oldest for %s, and none of %d wanted tasks runs", worker, w.jobs, oldest, tasks.Desired)}
	default:
		return []Finding{finding(Fail, "see the checks 'functions' and 'wakes', and the log of the capacity controller",
			"%s: %d jobs wait, the oldest for %s, and no task is wanted", worker, w.jobs, oldest)}
	}
}

// leaseCheck finds jobs whose worker has died and that nobody has taken back.
type leaseCheck struct {
	state *state
	Deployment
}

// sweepWithin is when an ended lease must have been found: an idle worker takes
// it at once, the sweeper within a minute.
const sweepWithin = 3 * time.Minute

// Name implements Check.
func (leaseCheck) Name() string { return "leases" }

// What implements Check.
func (leaseCheck) What() string { return "no job is held by a worker that has died" }

// Run implements Check.
func (c leaseCheck) Run(ctx context.Context) ([]Finding, error) {
	running, err := c.state.runningJobs(ctx)
	if err != nil {
		return nil, err
	}
	var stuck []jobs.Job
	for _, job := range running {
		if c.Now.Sub(job.Lease.Until) > sweepWithin {
			stuck = append(stuck, job)
		}
	}
	if len(stuck) == 0 {
		return one(OK, "", "%d jobs run, each with a lease", len(running))
	}
	oldest := slices.MinFunc(stuck, func(a, b jobs.Job) int { return a.Lease.Until.Compare(b.Lease.Until) })
	return one(Fail, "the sweeper runs each minute and should have found them: see the check 'functions' and its log",
		"%d jobs hold leases that have ended, %s since %s", len(stuck), oldest.ID, display.Span(c.Now.Sub(oldest.Lease.Until)))
}
