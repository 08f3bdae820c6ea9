package jobs

import "time"

// Shards is how many parts the index by state is spread over, so that no
// partition of it takes all writes. Every job belongs to one for life.
const Shards = 8

// ShardOf returns the shard of a job, 0 to Shards-1.
func ShardOf(id string) int {
	hash := uint32(2166136261)
	for i := range len(id) {
		hash = (hash ^ uint32(id[i])) * 16777619
	}
	return int(hash % Shards)
}

// Scan is a part of what a [Finder] looks through.
type Scan struct {
	// Shard, 0 to Shards-1.
	Shard int
	// Overdue limits queued jobs to those whose deadline is not after it; zero for all.
	Overdue time.Time
	// After is the Next of the page before, empty at first.
	After string
	// Limit of jobs in the page.
	Limit int
}

// Found is a page of what a [Finder] found.
type Found struct {
	Jobs []Job
	// Next is where to go on, empty at the end. A page may be empty and not the last.
	Next string
}

// Position of a job in a tenant's list.
type Position struct {
	Created time.Time
	ID      string
}
