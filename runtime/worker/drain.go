package worker

import (
	"time"

	"tandem/runtime/nodestatus"
	"tandem/runtime/worker/localapi"
)

const (
	// giveBack is the time that the worker needs after StopTimeout for giving jobs
	// back and deleting messages. The task definition leaves it five seconds.
	giveBack = 4 * time.Second
	// spotMargin is the same before an instance is reclaimed.
	spotMargin = 10 * time.Second
	// rebalanceHold is how long no work is taken after EC2 recommended to move
	// away. Most recommendations are followed by no interruption at all, and a
	// fleet that stood still on each would do worse than one that is interrupted.
	rebalanceHold = 5 * time.Minute
)

// pause takes no work for a reason, and gives back what was waiting.
func (w *Worker) pause(reason string) {
	w.release(w.intake.pause(reason, true))
}

func (w *Worker) resume(reason string) { w.intake.pause(reason, false) }

// pauseFor pauses for a while.
func (w *Worker) pauseFor(reason string, wait time.Duration) {
	w.pause(reason)
	time.AfterFunc(wait, func() { w.resume(reason) })
}

// stopAttempts tells every container to stop by a time, those of attempts that
// are just beginning too.
func (w *Worker) stopAttempts(stop localapi.Stop) {
	w.mutex.Lock()
	if w.stopAll == nil || stop.By.Before(w.stopAll.By) {
		w.stopAll = &stop
	}
	w.mutex.Unlock()
	w.options.Metrics.draining(true)
	for _, a := range w.running() {
		a.stop(stop)
	}
}

// letBegin ends what stopAttempts began: new attempts may run.
func (w *Worker) letBegin() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.stopAll = nil
	w.options.Metrics.draining(false)
}

// draining says whether this worker has been told to end.
func (w *Worker) draining() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.ending
}

// drain is the answer to SIGTERM: nothing more is taken, containers are told to
// stop, and what does not stop in time is cut.
func (w *Worker) drain(by time.Time) {
	w.mutex.Lock()
	w.ending = true
	w.mutex.Unlock()
	w.log.Info("draining", "jobs", w.intake.busy(), "secondsLeft", int(time.Until(by).Seconds()))
	w.release(w.intake.close())
	w.stopAttempts(localapi.Stop{Reason: localapi.Shutdown, By: by})
}

// stopBy is when containers must have stopped after a SIGTERM that comes now.
func (w *Worker) stopBy() time.Time {
	return time.Now().Add(w.options.StopTimeout)
}

// NodeStatus acts on what the health agent says of the host.
func (w *Worker) NodeStatus(status nodestatus.Status) {
	if spot := status.Spot; spot != nil {
		w.log.Info("the instance is being reclaimed", "action", spot.Action, "at", spot.Time)
		w.pause("spot")
		// The notice is in the host's time, as is this.
		w.stopAttempts(localapi.Stop{Reason: localapi.Spot, By: earlier(spot.Time.Add(-spotMargin), w.stopBy())})
	}
	w.rebalance(status)
	reasons, impaired := status.ImpairedFor(w.options.GPUs)
	w.mutex.Lock()
	was := w.impaired
	w.impaired = impaired
	w.mutex.Unlock()
	switch {
	case impaired && !was:
		w.log.Warn("the host is impaired", "reasons", reasons)
		w.pause("impaired")
		w.stopAttempts(localapi.Stop{Reason: localapi.Impaired, By: w.stopBy()})
	case was && !impaired:
		w.log.Info("the host is well again", "state", string(status.State))
		if status.Spot == nil && !w.draining() {
			w.letBegin()
		}
		w.resume("impaired")
	}
}

// rebalance holds work back for a while after a recommendation to move away.
func (w *Worker) rebalance(status nodestatus.Status) {
	if status.Rebalance == nil {
		return
	}
	w.mutex.Lock()
	known := w.rebalanced.Equal(*status.Rebalance)
	w.rebalanced = *status.Rebalance
	w.mutex.Unlock()
	if left := time.Until(status.Rebalance.Add(rebalanceHold)); !known && left > 0 {
		w.log.Info("EC2 recommends to move away; taking no work for a while", "seconds", int(left.Seconds()))
		w.pauseFor("rebalance", left)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
