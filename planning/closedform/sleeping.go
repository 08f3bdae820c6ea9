package closedform

import "math"

// SleepingWorker is one worker with one slot that sleeps at zero: the first job
// wakes it, and it goes to sleep again after an idle time. Arrivals are Poisson.
// The formulas follow by a renewal argument over one cycle of sleep, wake, and
// serving until idle for long enough.
type SleepingWorker struct {
	// Rate of arrivals; Service time and its second moment. Rate * Service is below 1.
	Rate, Service, SecondMoment float64
	// Wake until the first job runs, and Idle until it sleeps; 0 or more.
	Wake, Idle float64
}

// BilledPerJob is how long the worker is up for each job, its wake included.
func (w SleepingWorker) BilledPerJob() float64 {
	rho := w.Rate * w.Service
	if rho >= 1 {
		return w.Service
	}
	x := math.Exp(w.Rate * w.Idle)
	return w.Service + (1-rho)*(w.Wake+(x-1)/w.Rate)/(x+w.Rate*w.Wake)
}

// Wait is the mean wait of a job.
func (w SleepingWorker) Wait() float64 {
	x := math.Exp(w.Rate * w.Idle)
	return WaitMG1(w.Rate, w.Service, w.SecondMoment) + (2*w.Wake+w.Rate*w.Wake*w.Wake)/(2*(x+w.Rate*w.Wake))
}
