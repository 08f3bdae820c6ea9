package agent

import (
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/observe"
)

// mostXids that are counted apart: 16 GPUs with 16 codes each. Beyond them the
// ones that have been quiet longest are forgotten.
const mostXids = 256

// tally counts Xids by source, since two sources tell of one error.
type tally struct {
	counts map[XidKey]map[string]XidCount
	shared map[XidKey]XidCount
}

func newTally() *tally { return &tally{counts: map[XidKey]map[string]XidCount{}} }

func (t *tally) add(event observe.Event) {
	if event.Kind != observe.EventXid && event.Kind != observe.EventSXid {
		return
	}
	key := XidKey{UUID: event.UUID, Code: event.Code, Switch: event.Kind == observe.EventSXid}
	if key.UUID == "" {
		key.UUID = event.PCI
	}
	if t.counts[key] == nil {
		if len(t.counts) >= mostXids {
			t.forget()
		}
		t.counts[key] = map[string]XidCount{}
	}
	count := t.counts[key][event.Source]
	count.Count += uint64(max(event.Count, 1))
	if event.At.After(count.Last) {
		count.Last = event.At
	}
	t.counts[key][event.Source] = count
	t.shared = nil
}

func (t *tally) forget() {
	var quietest XidKey
	var since time.Time
	for key, sources := range t.counts {
		var last time.Time
		for _, count := range sources {
			if count.Last.After(last) {
				last = count.Last
			}
		}
		if since.IsZero() || last.Before(since) {
			quietest, since = key, last
		}
	}
	delete(t.counts, quietest)
}

// read returns the larger count of each. The map is never changed afterwards.
func (t *tally) read() map[XidKey]XidCount {
	if t.shared == nil {
		t.shared = make(map[XidKey]XidCount, len(t.counts))
		for key, sources := range t.counts {
			var most XidCount
			for _, count := range sources {
				most.Count = max(most.Count, count.Count)
				if count.Last.After(most.Last) {
					most.Last = count.Last
				}
			}
			t.shared[key] = most
		}
	}
	return t.shared
}

// count returns the counters as they are now.
func (l *loop) count() Counters {
	counters := l.counters
	counters.EventsDropped = l.agent.dropped.Load()
	counters.Xids = l.xids.read()
	return counters
}

func (l *loop) acting() act.Report {
	if l.options.Actor == nil {
		return act.Report{Mode: act.Observe, Phase: act.Watching}
	}
	return l.options.Actor.Report()
}
