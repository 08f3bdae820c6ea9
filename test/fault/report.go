package fault

import (
	"fmt"

	"tandem/test/fault/history"
)

// report prints what was done and how much was judged.
func (r *run) report(f history.Figures) {
	fmt.Fprintln(r.Out, "\nWhat was done:")
	for name, count := range r.hub.Mishaps() {
		r.counts.add(mishaps[name], count)
	}
	r.counts.print(r.Out)
	fmt.Fprintf(r.Out, `
What was judged:
  %d jobs: %v
  %d writes to jobs (%d claims, %d leases taken over, %d renewals, %d commits; %d refused)
  %d calls of containers, %d of them after a first one; %d messages delivered again
  %d steps, which %d times spared a later attempt the work
  %d waits after a worker's death, the longest %.1f s; over 35 s: %v
`, f.Jobs, f.States, f.Writes, f.Claims, f.TakenOver, f.Renewals, f.Commits, f.Refused,
		f.Invocations, f.Repeated, f.Redelivered, f.Steps, f.StepsKept, f.Waited, f.LongestWait, f.Excuses)
}

var mishaps = map[string]string{
	"lost": "messages lost", "doubled": "messages doubled", "late": "messages late", "undead": "messages not deleted",
	"throttled": "calls throttled", "failing": "calls failed by AWS", "deaf": "calls cut off before AWS", "dumb": "calls cut off after AWS had done them",
}

// Line is the verdict in one line.
func (v Verdict) Line(o Options) string {
	if len(v.Violations) > 0 {
		return fmt.Sprintf("FAIL: %d violations in %d jobs with %d kills, seed %d", len(v.Violations), v.Accepted, v.Kills, o.Seed)
	}
	return fmt.Sprintf("PASS: %d jobs accepted, %d kills, every job over once in %.0f s, seed %d", v.Accepted, v.Kills, v.Took.Seconds(), o.Seed)
}
