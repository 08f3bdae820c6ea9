// Package jobwatch sums up, for the capacity controller, what the sweeper reads
// of jobs anyway: deadlines, which tasks are busy, how long the oldest job has
// waited. It reads nothing itself; where the sum is kept is told in
// capacity/fleetstate.
package jobwatch

import (
	"slices"
	"sync"
	"time"

	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
)

// mostDeadlines of a worker that are kept, the nearest: the state table's item
// stays small, and further ones have slack.
const mostDeadlines = 200

// Watch sums up one round of the sweeper. The zero value is ready; it is safe
// for concurrent use.
type Watch struct {
	mutex   sync.Mutex
	seen    map[string]bool
	workers map[string]fleetstate.WorkerJobs
	tasks   map[string]map[string]string
}

// See adds a job. One that is seen twice counts once.
func (w *Watch) See(job jobs.Job, now time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.seen == nil {
		w.seen, w.workers, w.tasks = map[string]bool{}, map[string]fleetstate.WorkerJobs{}, map[string]map[string]string{}
	}
	if w.seen[job.ID] {
		return
	}
	w.seen[job.ID] = true
	worker := w.workers[job.Worker]
	switch {
	case job.State == jobs.Running && job.Lease.Until.After(now):
		w.running(&worker, job)
	case job.State == jobs.Queued && !job.NotBefore.After(now):
		if worker.Oldest.IsZero() || job.QueuedAt.Before(worker.Oldest) {
			worker.Oldest = job.QueuedAt
		}
		if job.Deadline.After(now) {
			worker.Deadlines = append(worker.Deadlines, fleetstate.Deadline{At: job.Deadline})
		}
	default:
		return
	}
	w.workers[job.Worker] = worker
}

func (w *Watch) running(worker *fleetstate.WorkerJobs, job jobs.Job) {
	owner := fleetreport.ParseOwner(job.Lease.Owner)
	worker.Running++
	if worker.Revisions == nil {
		worker.Revisions, w.tasks[job.Worker] = map[int]int{}, map[string]string{}
	}
	worker.Revisions[owner.Revision]++
	w.tasks[job.Worker][owner.Task] = owner.Service
	if !job.Deadline.IsZero() {
		worker.Deadlines = append(worker.Deadlines, fleetstate.Deadline{
			At: job.Deadline, Started: job.Started, Service: owner.Service, Percent: job.Progress.Percent,
		})
	}
}

// Jobs is the sum.
func (w *Watch) Jobs(at time.Time) fleetstate.Jobs {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	sum := fleetstate.Jobs{At: at, Workers: map[string]fleetstate.WorkerJobs{}}
	for name, worker := range w.workers {
		if tasks := w.tasks[name]; len(tasks) > 0 {
			worker.Tasks = map[string]int{}
			for _, service := range tasks {
				worker.Tasks[service]++
			}
		}
		worker.Deadlines = slices.Clone(worker.Deadlines)
		slices.SortFunc(worker.Deadlines, func(a, b fleetstate.Deadline) int { return a.At.Compare(b.At) })
		worker.Deadlines = worker.Deadlines[:min(len(worker.Deadlines), mostDeadlines)]
		sum.Workers[name] = worker
	}
	return sum
}
