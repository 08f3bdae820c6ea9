package advise

import (
	"math"

	"tandem/planning/closedform"
)

// A worker above this load is not one worker any more.
const full = 0.7

// leastWaste of the work that instances run beside it: what the simulator and
// the cost of an environment assume too.
const leastWaste = 0.15

// billedSeconds of a worker that sleeps at zero, a job: rate in jobs a second,
// mean in seconds of work, wake until it is ready, idle until it sleeps. The
// closed form holds below full load; above 70 % of one worker a fleet shares
// what is wasted, so the waste a job falls with the load.
func billedSeconds(rate, mean, wake, idle float64) float64 {
	load := rate * mean
	if load <= full {
		return mean + max(leastWaste*mean, waste(rate, mean, wake, idle))
	}
	return mean + max(leastWaste*mean, waste(full/mean, mean, wake, idle)*full/load)
}

// waste a job is what the worker is billed for besides work.
func waste(rate, mean, wake, idle float64) float64 {
	worker := closedform.SleepingWorker{Rate: rate, Service: mean, Wake: wake, Idle: awake(rate, idle)}
	return worker.BilledPerJob() - mean
}

// awake bounds an idle time to where it makes no difference any more, below
// the overflow of the exponential in the closed form.
func awake(rate, idle float64) float64 { return min(idle, 100/rate) }

// meanWait of a job in front of one worker that sleeps at zero. Above nine
// tenths of its load it is taken to stay there: a second worker comes.
func meanWait(rate, mean, square, wake, idle float64) float64 {
	rate = min(rate, 0.9/mean)
	return closedform.SleepingWorker{Rate: rate, Service: mean, SecondMoment: square, Wake: wake, Idle: awake(rate, idle)}.Wait()
}

// queueing is the mean wait for one of several servers that are so full; what
// is left of a server counts as none, and in front of a thousand nobody waits.
func queueing(servers, load, mean float64) float64 {
	whole := math.Max(1, math.Floor(servers))
	if whole > 1000 {
		return 0
	}
	return closedform.WaitMMC(load*whole/mean, mean, int(whole))
}

// withCheckpoints is how long work takes that saves itself each interval.
func withCheckpoints(seconds, rate, restart, interval, cost float64) float64 {
	return closedform.Checkpoints{Interval: interval, Cost: cost}.Duration(seconds, rate, restart)
}
