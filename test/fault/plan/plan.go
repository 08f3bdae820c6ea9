// Package plan decides, by a seed, what a run does when: which jobs are
// submitted, what is killed, and what else goes wrong. The same options make
// the same plan; what the processes make of it is theirs.
package plan

import (
	"math/rand/v2"
	"slices"
	"time"

	"tandem/test/fault/model"
	"tandem/test/fault/wire"
)

// Options of a plan. All are required.
type Options struct {
	// Jobs to submit.
	Jobs int
	// Kills by SIGKILL, of workers, the API and the sweeper together.
	Kills int
	Seed  uint64
	// Workers and APIs are how many processes of each there are.
	Workers, APIs int
	// Timeout of an attempt.
	Timeout time.Duration
}

const (
	// killEvery is the mean time between two kills.
	killEvery = 1100 * time.Millisecond
	// short is a run of fewer kills, in which nothing may take long.
	short = 25
	// jobsASecond is how many jobs are submitted at most.
	jobsASecond = 25
)

// Plan of a run.
type Plan struct {
	// Span within which everything begins.
	Span        time.Duration
	Submissions []Submission
	// Actions in the order of their time.
	Actions []Action
	// Mishaps of messages, while the span lasts.
	Mishaps wire.Mishaps
}

// Submission is one job.
type Submission struct {
	At       time.Duration
	Number   int
	Tenant   string
	Priority string
	Script   model.Script
	// Deadline after the submission; zero for none.
	Deadline time.Duration
	// Cancel so long after it was accepted; zero for never.
	Cancel time.Duration
	// Once is a caller that does not try again and gives no idempotency key.
	Once bool
	// Twice is a caller that submits again what was accepted.
	Twice bool
	// May are the states that it may end in.
	May []string
}

// Action is one fault.
type Action struct {
	At   time.Duration
	Kind Kind
	// Target is a process of the kind, from 0.
	Target int
	// For how long.
	For time.Duration
	// Aim is the call at which a kill strikes or that is held; empty for any moment.
	Aim string
	// Alone says that the process is cut off while its call is held.
	Alone bool
	// After the call has reached AWS, rather than before.
	After bool
	Spell wire.Spell
	Toxic wire.Toxic
	// Seconds of silence.
	Seconds int
}

// Kind of an action.
type Kind string

// The kinds. The first three are the kills that are counted.
const (
	KillWorker    Kind = "worker killed"
	KillAPI       Kind = "API killed"
	KillSweeper   Kind = "sweeper killed"
	Terminate     Kind = "worker told to end (SIGTERM)"
	Pause         Kind = "worker stopped beyond its lease (SIGSTOP)"
	Hiccup        Kind = "worker stopped for a moment (SIGSTOP)"
	KillContainer Kind = "container killed"
	Mute          Kind = "container without an answer to /ping"
	Cut           Kind = "connections cut"
	Poison        Kind = "connections slow or silent"
	Hold          Kind = "call that arrived when its lease had ended"
	Cast          Kind = "calls throttled, failing or cut off"
)

// New makes the plan of a run.
func New(o Options) Plan {
	random := rand.New(rand.NewPCG(o.Seed, 1))
	span := max(time.Duration(o.Kills)*killEvery, time.Duration(o.Jobs)*time.Second/jobsASecond, 2*time.Second)
	p := Plan{Span: span, Mishaps: wire.Mishaps{Lost: 2, Doubled: 3, Late: 2, Undead: 3}}
	for number := range o.Jobs {
		p.Submissions = append(p.Submissions, submission(rand.New(rand.NewPCG(o.Seed, uint64(1000+number))), o, number, span))
	}
	p.Actions = actions(random, o, span)
	slices.SortStableFunc(p.Actions, func(a, b Action) int { return int(a.At - b.At) })
	return p
}

// spread returns a time in the nth of so many equal parts of the span.
func spread(random *rand.Rand, span time.Duration, nth, parts int) time.Duration {
	part := span / time.Duration(max(1, parts))
	return time.Duration(nth)*part + time.Duration(random.Float64()*float64(part))
}
