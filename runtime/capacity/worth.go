package capacity

import (
	"math"
	"time"
)

const (
	// spotShare of the on-demand price that spot costs where the policy does not
	// say: g5.xlarge in us-east-1 (package prices, 2026-11-24).
	spotShare = 0.44
	// credit is how many lives as long as spot needs to pay are taken to have been
	// seen before the first: one that ends at once does not condemn a market.
	credit = 2
	// forgetHalf of what was seen of a market after so long: it changes.
	forgetHalf = 24 * time.Hour
	// mostLost of a job's work by an interruption: what runs for longer saves
	// checkpoints.
	mostLost = 10 * time.Minute
	// mostBlind is the longest between two decisions that counts as time in which
	// instances lived.
	mostBlind = 10 * time.Minute
)

// GroupMemory is how long spot instances of a group have lived.
type GroupMemory struct {
	// At is when it was learned last.
	At time.Time `json:"at,omitzero"`
	// Hours with spot instances, and the Interruptions in them, each the share of
	// the instances that it took; both fade.
	Hours         float64 `json:"h,omitempty"`
	Interruptions float64 `json:"i,omitempty"`
	// Newest interruption that was counted, and how many at that moment.
	Newest time.Time `json:"newest,omitzero"`
	Same   int       `json:"same,omitempty"`
}

// learn adds what has happened since the last decision.
func (m GroupMemory) learn(now time.Time, group *GroupObserved) GroupMemory {
	interrupted := m.count(group.Trouble)
	passed := max(0, now.Sub(m.At))
	if m.At.IsZero() {
		passed, interrupted = 0, 0
	}
	fade := math.Exp2(-passed.Hours() / forgetHalf.Hours())
	m.Hours, m.Interruptions = m.Hours*fade, m.Interruptions*fade
	if lived := group.Spot.usable() + interrupted; lived > 0 {
		m.Hours += min(passed, mostBlind).Hours()
		m.Interruptions += float64(interrupted) / float64(lived)
	}
	m.At = now
	return m
}

// count returns the interruptions that are new. Their moments are whole seconds,
// and a zone takes back several at once, which are told one by one.
func (m *GroupMemory) count(troubles []Trouble) int {
	before, fresh, same := 0, 0, 0
	newest := m.Newest
	for i := range troubles {
		trouble := &troubles[i]
		if !trouble.Spot || trouble.Kind != Interruption {
			continue
		}
		switch {
		case trouble.At.After(newest):
			newest, same = trouble.At, 1
			fresh++
		case trouble.At.Equal(m.Newest):
			before++
		case trouble.At.After(m.Newest):
			fresh++
			if trouble.At.Equal(newest) {
				same++
			}
		}
	}
	fresh += max(0, before-m.Same)
	if newest.Equal(m.Newest) {
		same = max(before, m.Same)
	}
	m.Newest, m.Same = newest, same
	return fresh
}

// pays tells whether spot instances of the group live long enough to be the
// cheaper. One that is taken back has cost its own cold start, that of what
// takes its place, the time in which on-demand stayed beside it, and the work
// that was lost; each hour that it lived has saved the difference of the prices.
func (t *trial) pays(m *market) bool {
	saved := 1 - spotShare
	if m.share > 0 {
		saved = 1 - m.share
	}
	if saved <= 0 {
		return false
	}
	lost := min(t.worker.Duration.Mean/2, mostLost)
	needed := (2*t.coldStart() + returnAfter + lost).Hours() / saved
	// (credit * needed + hours) / (credit's one life + interruptions) is the mean life.
	return credit*needed+m.lives.Hours > needed*(1+m.lives.Interruptions)
}
