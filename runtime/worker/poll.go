package worker

import (
	"context"
	"time"

	"tandem/runtime/jobs"
)

// hideFor is how long a received message stays hidden. It outlives the lease,
// which is renewed before the message is hidden again: whoever receives the
// message of a worker that died meets a lease that has ended.
const hideFor = jobs.LeaseFor + 2*time.Second

// poll asks one lane for messages until the intake is closed.
func (w *Worker) poll(ctx context.Context, lane *lane) {
	var wait backoff
	for {
		most, long, ok := w.intake.reserve(ctx, lane)
		if !ok {
			return
		}
		messages, err := w.receive(ctx, lane.Lane, most, pollWait(long, w.options.PollWait))
		w.options.Metrics.received(lane.Priority, len(messages), err)
		deliveries := make([]delivery, 0, len(messages))
		for _, message := range messages {
			deliveries = append(deliveries, delivery{Delivery: message, lane: lane.Lane, received: time.Now()})
		}
		pause := wait.after(err)
		w.release(w.intake.arrived(lane, deliveries, pause))
		w.dispatch(ctx)
		if pause > 0 && ctx.Err() == nil {
			w.log.Warn("receiving failed; trying again", "lane", lane.String(), "afterSeconds", pause.Seconds(), "error", err)
			sleep(ctx, pause)
		}
	}
}

// receive gives up on a connection over which nothing comes any more.
func (w *Worker) receive(ctx context.Context, lane jobs.Lane, most int, wait time.Duration) ([]jobs.Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+callLimit)
	defer cancel()
	return w.options.Queue.Receive(ctx, lane, most, wait, hideFor)
}

func pollWait(long bool, wait time.Duration) time.Duration {
	if !long {
		return 0
	}
	return wait
}

// dispatch starts an attempt for each message that a slot is free for.
func (w *Worker) dispatch(ctx context.Context) {
	for {
		message, ok := w.intake.next()
		if !ok {
			return
		}
		w.serving.Go(func() { w.serve(ctx, message) })
	}
}

// release makes messages visible to others at once.
func (w *Worker) release(messages []delivery) {
	for _, message := range messages {
		w.mail.hide(message.lane, message.Receipt, 0)
	}
}

// tidy gives back messages that have waited too long for a slot.
func (w *Worker) tidy(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.release(w.intake.stale())
		case <-ctx.Done():
			return
		}
	}
}

// backoff waits longer after each error in a row, up to 15 s.
type backoff struct{ last time.Duration }

// after returns how long to wait after a call; zero after one that went well.
func (b *backoff) after(err error) time.Duration {
	if err == nil {
		b.last = 0
		return 0
	}
	b.last = min(max(2*b.last, 500*time.Millisecond), 15*time.Second)
	return b.last
}
