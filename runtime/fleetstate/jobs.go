package fleetstate

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

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
	// Tasks that run jobs, by the [Mark] of their service; "" where it is unknown.
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

// Owner is who holds a lease: the task, its revision, and marks of the family
// and of the service that it belongs to, of which ECS tells the service only to
// tasks on EC2. It has 56 characters at most, as a task's id has 32.
type Owner struct {
	Task            string
	Revision        int
	Family, Service string
}

// Mark is a short name for a long one, equal for equal names: 8 hexadecimal
// digits, and "" for "".
func Mark(name string) string {
	if name == "" {
		return ""
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	return hex.EncodeToString(hash.Sum(nil))
}

// String renders what [ParseOwner] reads.
func (o Owner) String() string {
	return o.Task + "/" + strconv.Itoa(o.Revision) + "/" + o.Family + "/" + o.Service
}

// ParseOwner reads an owner; what is missing stays empty.
func ParseOwner(owner string) Owner {
	parts := append(strings.SplitN(owner, "/", 4), "", "", "")
	revision, _ := strconv.Atoi(parts[1])
	return Owner{Task: parts[0], Revision: revision, Family: parts[2], Service: parts[3]}
}
