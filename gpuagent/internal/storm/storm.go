// Package storm keeps floods of equal events from whoever has to think about
// them: the first passes at once, those that follow are counted, and the count is
// told once a window. Memory stays flat however many there are.
package storm

import (
	"sync"
	"time"

	"tandem/gpuagent/internal/observe"
)

// Options of a [Collapser].
type Options struct {
	// Tell takes what is left. Required. It is called from any goroutine, one
	// call at a time.
	Tell observe.Events
	// Window in which equal events become one. Defaults to 1s.
	Window time.Duration
	// Kinds of events that are told apart at a time; what is beyond them is
	// counted together, as [observe.EventStorm]. Defaults to 256.
	Kinds int
}

// Collapser passes events on.
type Collapser struct {
	options Options
	mutex   sync.Mutex
	seen    map[kind]*count
	ticking bool
}

// kind is what makes events equal: the process and the text do not, since one
// fault of a program brings a line for each of its channels.
type kind struct {
	kind         observe.EventKind
	source       string
	code         int
	device       string
	fatal, folds bool
}

type count struct {
	held  int
	last  observe.Event
	quiet bool
}

// New makes a collapser.
func New(options Options) *Collapser {
	if options.Window == 0 {
		options.Window = time.Second
	}
	if options.Kinds == 0 {
		options.Kinds = 256
	}
	return &Collapser{options: options, seen: map[kind]*count{}}
}

// Take passes an event on, or counts it. It is an [observe.Events].
func (c *Collapser) Take(event observe.Event) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	key := keyOf(event)
	seen, found := c.seen[key]
	if !found && len(c.seen) >= c.options.Kinds {
		key = kind{source: event.Source, folds: true}
		event = observe.Event{Kind: observe.EventStorm, Source: event.Source, At: event.At, Detail: event.Detail, Count: event.Count}
		seen, found = c.seen[key]
	}
	if found {
		seen.held += max(event.Count, 1)
		seen.last, seen.quiet = event, false
		return
	}
	c.seen[key] = &count{}
	if !c.ticking {
		c.ticking = true
		time.AfterFunc(c.options.Window, c.tick)
	}
	c.options.Tell(event)
}

func keyOf(event observe.Event) kind {
	device := event.UUID
	if device == "" {
		device = event.PCI
	}
	return kind{kind: event.Kind, source: event.Source, code: event.Code, device: device, fatal: event.Fatal}
}

// tick tells what was counted, forgets what has been quiet for a whole window,
// and goes on while anything is remembered.
func (c *Collapser) tick() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for key, seen := range c.seen {
		switch {
		case seen.held > 0:
			event := seen.last
			event.Count = seen.held
			seen.held = 0
			c.options.Tell(event)
		case seen.quiet:
			delete(c.seen, key)
		default:
			seen.quiet = true
		}
	}
	if c.ticking = len(c.seen) > 0; c.ticking {
		time.AfterFunc(c.options.Window, c.tick)
	}
}
