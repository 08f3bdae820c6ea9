package closedform

import "math"

// MixedPrice of capacity that is spot for the share of the time in which that
// can be had, and on-demand else.
func MixedPrice(availability, spot, onDemand float64) float64 {
	return availability*spot + (1-availability)*onDemand
}

// BreakEven is above how many jobs an hour a worker that is always on, at a
// price an hour and with room for so many jobs, is cheaper than paying for each
// job; infinite where it has not the room.
func BreakEven(pricePerHour, pricePerJob, jobsPerHour float64) float64 {
	jobs := pricePerHour / pricePerJob
	if !(jobs <= jobsPerHour) {
		return math.Inf(1)
	}
	return jobs
}
