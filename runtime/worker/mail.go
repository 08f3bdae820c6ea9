package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// How long the mailbox gathers before it calls the queue.
const (
	deleteWithin = 500 * time.Millisecond
	hideWithin   = 20 * time.Millisecond
	mailLimit    = 10 * time.Second
)

// mailbox bundles what is said to the queue about single messages: ten cost as
// much as one. Losing any of it does no harm: a message that comes back meets a
// job that is over or held.
type mailbox struct {
	queue   Queue
	log     *slog.Logger
	mutex   sync.Mutex
	lanes   map[jobs.Lane]*laneMail
	sending sync.WaitGroup
}

type laneMail struct {
	deletes []string
	hides   []jobs.VisibilityChange
	deleter *time.Timer
	hider   *time.Timer
}

func newMailbox(queue Queue, log *slog.Logger) *mailbox {
	return &mailbox{queue: queue, log: log, lanes: map[jobs.Lane]*laneMail{}}
}

func (m *mailbox) lane(name jobs.Lane) *laneMail {
	found := m.lanes[name]
	if found == nil {
		found = &laneMail{}
		m.lanes[name] = found
	}
	return found
}

// delete removes a message soon.
func (m *mailbox) delete(name jobs.Lane, receipt string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	lane := m.lane(name)
	lane.deletes = append(lane.deletes, receipt)
	switch {
	case len(lane.deletes) >= batch:
		m.send(name, lane)
	case len(lane.deletes) == 1:
		lane.deleter = time.AfterFunc(deleteWithin, func() { m.flush(name) })
	}
}

// hide makes a message visible after so long, counted from about now.
func (m *mailbox) hide(name jobs.Lane, receipt string, after time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	lane := m.lane(name)
	lane.hides = append(lane.hides, jobs.VisibilityChange{Receipt: receipt, For: max(0, after)})
	switch {
	case len(lane.hides) >= batch:
		m.send(name, lane)
	case len(lane.hides) == 1:
		lane.hider = time.AfterFunc(hideWithin, func() { m.flush(name) })
	}
}

func (m *mailbox) flush(name jobs.Lane) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.send(name, m.lane(name))
}

// send calls the queue with all that has gathered for a lane.
func (m *mailbox) send(name jobs.Lane, lane *laneMail) {
	deletes, hides := lane.deletes, lane.hides
	lane.deletes, lane.hides = nil, nil
	for _, timer := range []*time.Timer{lane.deleter, lane.hider} {
		if timer != nil {
			timer.Stop()
		}
	}
	if len(deletes) > 0 {
		m.call(name, "deleting messages", func(ctx context.Context) error { return m.queue.Delete(ctx, name, deletes) })
	}
	if len(hides) > 0 {
		m.call(name, "making messages visible", func(ctx context.Context) error { return m.queue.ChangeVisibility(ctx, name, hides) })
	}
}

func (m *mailbox) call(name jobs.Lane, what string, do func(context.Context) error) {
	m.sending.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), mailLimit)
		defer cancel()
		var wait backoff
		for try := 0; ; try++ {
			err := do(ctx)
			if err == nil || try == 2 || ctx.Err() != nil {
				if err != nil {
					m.log.Warn("telling the queue failed; its messages come back by themselves", "what", what, "lane", name.String(), "error", err)
				}
				return
			}
			sleep(ctx, wait.after(err))
		}
	})
}

// close sends what has gathered and waits until it is sent.
func (m *mailbox) close() {
	m.mutex.Lock()
	for name, lane := range m.lanes {
		m.send(name, lane)
	}
	m.mutex.Unlock()
	m.sending.Wait()
}
