package simulate

// ring is a queue of job numbers that grows to the longest it has been.
type ring struct {
	items []int32
	head  int
	count int
}

func (r *ring) pushBack(item int32) {
	r.grow()
	r.items[(r.head+r.count)&(len(r.items)-1)] = item
	r.count++
}

func (r *ring) pushFront(item int32) {
	r.grow()
	r.head = (r.head - 1) & (len(r.items) - 1)
	r.items[r.head] = item
	r.count++
}

func (r *ring) popFront() int32 {
	item := r.items[r.head]
	r.head = (r.head + 1) & (len(r.items) - 1)
	r.count--
	return item
}

func (r *ring) front() int32 { return r.items[r.head] }

// grow keeps the length a power of two.
func (r *ring) grow() {
	if r.count < len(r.items) {
		return
	}
	larger := make([]int32, max(16, 2*len(r.items)))
	for i := range r.count {
		larger[i] = r.items[(r.head+i)&(len(r.items)-1)]
	}
	r.items, r.head = larger, 0
}
