package checks

import "time"

// sustained says whether something has been so for 6 of the last 10 minutes; once
// it says so, it goes on until it has been so for fewer than 3 of them. The zero
// value is ready.
type sustained struct {
	minutes [window]struct {
		minute int64
		so     time.Duration
	}
	last time.Time
	on   bool
}

const (
	window  = 10
	enters  = 6 * time.Minute
	leaves  = 3 * time.Minute
	longGap = 30 * time.Second
)

// add takes one look, which speaks for the time since the one before. A look
// after a long gap speaks for little of it.
func (s *sustained) add(at time.Time, so bool) bool {
	gap := at.Sub(s.last)
	if s.last.IsZero() || gap < 0 {
		gap = 0
	}
	gap = min(gap, longGap)
	s.last = at
	now := at.Unix() / 60
	slot := &s.minutes[now%window]
	if slot.minute != now {
		slot.minute, slot.so = now, 0
	}
	if so {
		slot.so += gap
	}
	if total := s.total(now); total >= enters {
		s.on = true
	} else if total < leaves {
		s.on = false
	}
	return s.on
}

// total time of the last 10 minutes in which it was so.
func (s *sustained) total(now int64) (total time.Duration) {
	for _, slot := range s.minutes {
		if now-slot.minute < window {
			total += slot.so
		}
	}
	return total
}

// each keeps one for every device.
type each map[string]*sustained

func (e each) of(device string) *sustained {
	if e[device] == nil {
		e[device] = &sustained{}
	}
	return e[device]
}
