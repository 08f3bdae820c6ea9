// Package capacity decides how many tasks a worker has: pure functions from
// what was observed to what should be, with the reason in words. The controller
// in a deployment and the simulator call the same functions.
//
// The rule is a minimal one so far: as many tasks as the jobs that wait and run
// have need of, within bounds; a fleet shrinks only once nothing runs. Deadlines,
// interruptions, schedules, fallback from spot and idle times are in [Policy]'s
// neighbours in settings and not judged yet.
//
// Seeing and acting is left to capacity/ecsfleet.
package capacity
