package fleetstate

import "time"

// Jobs is what the sweeper saw of jobs on its last round, which reads them
// anyway. It lags by up to a minute, and by more where the sweeper is away.
type Jobs struct {
	At      time.Time             `json:"at"`
	Workers map[string]WorkerJobs `json:"workers,omitempty"`
}

// Fresh says whether it still tells something at a moment.
func (j Jobs) Fresh(at time.Time) bool {
	age := at.Sub(j.At)
	return age < 3*time.Minute && age > -time.Minute
}

// WorkerJobs are the jobs of one worker.
type WorkerJobs struct {
	// Running jobs.
	Running int `json:"running,omitempty"`
	// Tasks that run jobs, by the [fleetreport.Mark] of their service; "" where it is unknown.
	Tasks map[string]int `json:"tasks,omitempty"`
	// Revisions are running jobs by the revision of their task.
	Revisions map[int]int `json:"revisions,omitempty"`
	// Oldest is since when the longest waiting job has waited; zero where none waits.
	Oldest time.Time `json:"oldest,omitzero"`
	// Deadlines of queued and running jobs, the nearest of each part of the index.
	Deadlines []Deadline `json:"deadlines,omitempty"`
}

// Deadline of one job.
type Deadline struct {
	At time.Time `json:"at"`
	// Started is when its attempt began; zero while it waits.
	Started time.Time `json:"started,omitzero"`
	// Service is the mark of the service whose task runs it.
	Service string `json:"service,omitempty"`
	// Percent that the attempt says it has done.
	Percent float64 `json:"percent,omitempty"`
}
