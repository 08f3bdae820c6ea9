package simulate

import "math"

// never lies after every run.
const never = int64(math.MaxInt64)

type eventKind uint8

const (
	slotEnds eventKind = iota
	instanceReady
	instanceNoticed
	instanceEnds
)

// event is due at a moment. Those whose turn is not that of their slot or
// instance any more are stale and are dropped.
type event struct {
	at   int64
	turn uint32
	who  int32
	kind eventKind
}

// before orders events, entirely: equal times must not depend on the heap.
func (e event) before(other event) bool {
	if e.at != other.at {
		return e.at < other.at
	}
	if e.kind != other.kind {
		return e.kind < other.kind
	}
	return e.who < other.who
}

// eventHeap is a binary heap of values: no interface, no allocation an event.
type eventHeap []event

func (h *eventHeap) push(e event) {
	*h = append(*h, e)
	heap := *h
	i := len(heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(heap[parent]) {
			break
		}
		heap[i] = heap[parent]
		i = parent
	}
	heap[i] = e
}

func (h *eventHeap) pop() event {
	heap := *h
	first, last := heap[0], heap[len(heap)-1]
	heap = heap[:len(heap)-1]
	*h = heap
	if len(heap) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(heap) {
			break
		}
		if child+1 < len(heap) && heap[child+1].before(heap[child]) {
			child++
		}
		if !heap[child].before(last) {
			break
		}
		heap[i] = heap[child]
		i = child
	}
	heap[i] = last
	return first
}

func (h eventHeap) next() int64 {
	if len(h) == 0 {
		return never
	}
	return h[0].at
}
