package wire

import "time"

// Trap waits for a call of a kind, to strike at that very moment.
type Trap struct {
	// Does is what the call is for, as in Call.Does.
	Does string
	// After lets the emulator do what the call asks before Spring; else the call
	// is lost. The process hears of neither.
	After bool
	// Hold lets the call go on after so long, whether or not its process still
	// waits for an answer, instead of losing it.
	Hold time.Duration
	// Spring is called once.
	Spring func()
}

type trap struct{ Trap }

// Set arms a trap. The returned function takes it away; it returns false if it has sprung.
func (l *Link) Set(t Trap) (disarm func() bool) {
	armed := &trap{t}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.traps = append(l.traps, armed)
	return func() bool {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		return l.remove(armed)
	}
}

func (l *Link) remove(t *trap) bool {
	for i, other := range l.traps {
		if other == t {
			l.traps = append(l.traps[:i], l.traps[i+1:]...)
			return true
		}
	}
	return false
}

// sprung returns the trap that a call springs.
func (l *Link) sprung(does string) *trap {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, t := range l.traps {
		if t.Does == does {
			l.remove(t)
			return t
		}
	}
	return nil
}
