package closedform

import "math"

// Rework is how long work takes that starts anew after each interruption, with
// interruptions at a rate while it runs, and a restart after each in which there
// is none.
func Rework(work, rate, restart float64) float64 {
	if rate <= 0 {
		return work
	}
	return math.Expm1(rate*work) * (1/rate + restart)
}

// Checkpoints is work that saves itself.
type Checkpoints struct {
	// Interval of work between two, and the Cost of writing one.
	Interval, Cost float64
	// Restore is what reading the last one takes after a restart.
	Restore float64
}

// Duration is how long work takes with checkpoints, none of them at its end:
// Rework for each part, with the restore where there is a checkpoint to read.
func (c Checkpoints) Duration(work, rate, restart float64) float64 {
	if c.Interval <= 0 || work <= c.Interval {
		return Rework(work, rate, restart)
	}
	parts := math.Ceil(work/c.Interval) - 1
	first := Rework(c.Interval+c.Cost, rate, restart)
	inner := c.part(c.Interval+c.Cost, rate, restart)
	last := c.part(work-parts*c.Interval, rate, restart)
	return first + (parts-1)*inner + last
}

// part of the work that begins where a checkpoint was written: the restore is
// paid by each attempt at it but the first.
func (c Checkpoints) part(length, rate, restart float64) float64 {
	if rate <= 0 {
		return length
	}
	fails := -math.Expm1(-rate * length)
	return fails * (1/rate + restart + Rework(c.Restore+length, rate, restart))
}

// Young is the interval of checkpoints that costs the least in first order, for
// a cost far below the time between interruptions (J. W. Young, 'A first order
// approximation to the optimum checkpoint interval', 1974).
func Young(cost, rate float64) float64 { return math.Sqrt(2 * cost / rate) }

// Daly is Young's interval refined for a cost that is not small (J. T. Daly, 'A
// higher order estimate of the optimum checkpoint interval', 2006). Where a
// checkpoint costs more than twice the time between interruptions, it is that time.
func Daly(cost, rate float64) float64 {
	if cost >= 2/rate {
		return 1 / rate
	}
	part := cost * rate / 2
	return Young(cost, rate)*(1+math.Sqrt(part)/3+part/9) - cost
}
