package memory

import (
	"container/heap"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// Queue keeps the messages of any number of lanes. Make one with NewQueue.
type Queue struct {
	lanes []jobs.Lane
	mu    sync.Mutex
	queue map[jobs.Lane]*lane
	next  int64
}

var _ jobs.Queue = (*Queue)(nil)

// NewQueue makes a queue of the lanes, and of [jobs.WebhookLane]; with none
// given, of every lane that is named.
func NewQueue(lanes ...jobs.Lane) *Queue {
	if len(lanes) > 0 {
		lanes = append(slices.Clone(lanes), jobs.WebhookLane)
	}
	return &Queue{lanes: lanes, queue: map[jobs.Lane]*lane{}}
}

// lane is one queue. Messages that may be received are in ready, in order;
// delayed and received ones are in hidden until their time comes.
type lane struct {
	ready []*message
	// gone counts deleted messages that are still in ready.
	gone   int
	hidden hiding
	byKey  map[string]*message
	// arrived is closed when something becomes ready, or hides for a shorter time;
	// nil while nobody waits for that.
	arrived chan struct{}
}

type message struct {
	body     string
	receipt  string
	received int
	until    time.Time
	place    int
	deleted  bool
}

func (q *Queue) lane(name jobs.Lane) (*lane, error) {
	if q.lanes != nil && !slices.Contains(q.lanes, name) {
		return nil, jobs.ErrNoQueue
	}
	found := q.queue[name]
	if found == nil {
		found = &lane{byKey: map[string]*message{}}
		q.queue[name] = found
	}
	return found, nil
}

// Send implements jobs.Queue.
func (q *Queue) Send(_ context.Context, name jobs.Lane, m jobs.Message, delay time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	lane, err := q.lane(name)
	if err != nil {
		return err
	}
	sent := &message{body: m.Body(), until: time.Now().Add(delay)}
	if delay > 0 {
		heap.Push(&lane.hidden, sent)
	} else {
		lane.ready = append(lane.ready, sent)
	}
	lane.wake()
	return nil
}

// Receive implements jobs.Queue.
func (q *Queue) Receive(ctx context.Context, name jobs.Lane, most int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	deadline := time.Now().Add(wait)
	for {
		deliveries, arrived, next, err := q.take(name, most, visibility)
		if err != nil || len(deliveries) > 0 {
			return deliveries, err
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, nil
		}
		timer := time.NewTimer(min(left, next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-arrived:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// take receives what is ready, or tells what to wait for.
func (q *Queue) take(name jobs.Lane, most int, visibility time.Duration) ([]jobs.Delivery, <-chan struct{}, time.Duration, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lane, err := q.lane(name)
	if err != nil {
		return nil, nil, 0, err
	}
	now := time.Now()
	lane.reveal(now)
	taken := lane.pop(most)
	if len(taken) == 0 {
		return nil, lane.arrival(), lane.nextReveal(now), nil
	}
	deliveries := make([]jobs.Delivery, 0, len(taken))
	for _, m := range taken {
		q.next++
		delete(lane.byKey, m.receipt)
		m.receipt = strconv.FormatInt(q.next, 10)
		m.received++
		m.until = now.Add(visibility)
		lane.byKey[m.receipt] = m
		heap.Push(&lane.hidden, m)
		deliveries = append(deliveries, jobs.Delivery{Body: m.body, Receipt: m.receipt, Received: m.received})
	}
	return deliveries, nil, 0, nil
}

// ChangeVisibility implements jobs.Queue.
func (q *Queue) ChangeVisibility(_ context.Context, name jobs.Lane, changes []jobs.VisibilityChange) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	lane, err := q.lane(name)
	if err != nil {
		return err
	}
	now := time.Now()
	lane.reveal(now)
	for _, change := range changes {
		if m := lane.byKey[change.Receipt]; m != nil && m.place >= 0 {
			m.until = now.Add(change.For)
			heap.Fix(&lane.hidden, m.place)
		}
	}
	lane.wake()
	return nil
}

// Delete implements jobs.Queue.
func (q *Queue) Delete(_ context.Context, name jobs.Lane, receipts []string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	lane, err := q.lane(name)
	if err != nil {
		return err
	}
	for _, receipt := range receipts {
		m := lane.byKey[receipt]
		if m == nil {
			continue
		}
		delete(lane.byKey, receipt)
		if m.place >= 0 {
			heap.Remove(&lane.hidden, m.place)
		} else {
			m.deleted = true
			lane.gone++
		}
	}
	return nil
}

// Depth implements jobs.Queue.
func (q *Queue) Depth(_ context.Context, name jobs.Lane) (jobs.Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lane, err := q.lane(name)
	if err != nil {
		return jobs.Depth{}, err
	}
	lane.reveal(time.Now())
	depth := jobs.Depth{Visible: len(lane.ready) - lane.gone}
	for _, m := range lane.hidden {
		if m.received == 0 {
			depth.Delayed++
		} else {
			depth.InFlight++
		}
	}
	return depth, nil
}
