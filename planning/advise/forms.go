package advise

import "math"

// billedSeconds of one worker that sleeps at zero, a job: rate in jobs a
// second, mean in seconds of work, wake until it is ready, idle until it
// sleeps. It holds below full load; above 70 % of one worker a fleet shares
// what is wasted, so the waste a job falls with the load, to 15 % of the work
// at least: what the simulator and the cost of an environment assume too.
func billedSeconds(rate, mean, wake, idle float64) float64 {
	const full, least = 0.7, 0.15
	load := rate * mean
	if load <= full {
		return mean + max(least*mean, waste(rate, mean, wake, idle))
	}
	return mean + max(least*mean, waste(full/mean, mean, wake, idle)*full/load)
}

// waste a job is what the worker is billed for besides work: a renewal
// argument over one cycle of sleeping, waking, working and idling.
func waste(rate, mean, wake, idle float64) float64 {
	if rate*idle > 100 { // it never sleeps, and the exponential would overflow
		return (1 - rate*mean) / rate
	}
	x := math.Exp(rate * idle)
	return (1 - rate*mean) * (wake + (x-1)/rate) / (x + rate*wake)
}

// meanWait of a job in front of one worker that sleeps at zero: the
// Pollaczek-Khinchine formula for M/G/1, and waking.
func meanWait(rate, mean, square, wake, idle float64) float64 {
	load := min(rate*mean, 0.9)
	x := math.Exp(min(rate*idle, 100))
	return rate*square/(2*(1-load)) + (2*wake+rate*wake*wake)/(2*(x+rate*wake))
}

// queueing is the mean wait for one of several servers that are so full, by
// Erlang's C formula for M/M/c; what is left of a server counts as none.
func queueing(servers, load, mean float64) float64 {
	c := math.Max(1, math.Floor(servers))
	offered := load * c
	if c > 1000 { // nobody waits in front of so many
		return 0
	}
	blocked := 1.0 // Erlang B, by its recursion
	for k := 1.0; k <= c; k++ {
		blocked = offered * blocked / (k + offered*blocked)
	}
	waits := blocked / (1 - load*(1-blocked))
	return waits * mean / (c * (1 - load))
}

// withInterruptions is how long a job of so many seconds takes in all when it
// is interrupted at a rate and starts anew each time, after a restart.
func withInterruptions(seconds, rate, restart float64) float64 {
	if rate == 0 {
		return seconds
	}
	return (math.Exp(rate*seconds) - 1) * (1/rate + restart)
}

// withCheckpoints is the same with a checkpoint each interval that takes cost:
// segments that are repeated on their own.
func withCheckpoints(seconds, rate, restart, interval, cost float64) float64 {
	if rate == 0 || interval >= seconds {
		return withInterruptions(seconds, rate, restart)
	}
	return seconds / interval * withInterruptions(interval+cost, rate, restart)
}

// young is the checkpoint interval near the best, in seconds.
func young(cost, rate float64) float64 { return math.Sqrt(2 * cost / rate) }

// daly refines it for a cost that is not small against the time between interruptions.
func daly(cost, rate float64) float64 {
	between := 1 / rate
	if cost >= 2*between {
		return between
	}
	ratio := math.Sqrt(cost / (2 * between))
	return math.Sqrt(2*cost*between)*(1+ratio/3+ratio*ratio/9) - cost
}
