package wire

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
)

// Ill is what a spell does to calls.
type Ill string

// The ills.
const (
	// Throttled: AWS answers that there are too many calls.
	Throttled Ill = "throttled"
	// Failing: AWS answers with a server error.
	Failing Ill = "failing"
	// Deaf: the connection is cut before AWS hears of the call.
	Deaf Ill = "deaf"
	// Dumb: AWS does what it was asked, and the connection is cut before it answers.
	Dumb Ill = "dumb"
)

// Spell is an ill that befalls some calls of a link for a while.
type Spell struct {
	Ill Ill
	// Percent of calls that it befalls.
	Percent int
}

// Cast begins a spell, which lasts until the returned function is called.
func (l *Link) Cast(spell Spell) (end func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.next++
	number := l.next
	l.spells[number] = spell
	return func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		delete(l.spells, number)
	}
}

// befallen returns the ill of the next call, if any.
func (l *Link) befallen() (Ill, bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, spell := range l.spells {
		if l.dice.percent(spell.Percent) {
			return spell.Ill, true
		}
	}
	return "", false
}

// dice are chance that a seed decides.
type dice struct {
	mutex  sync.Mutex
	random *rand.Rand
}

func newDice(seed uint64, name string) *dice {
	return &dice{random: rand.New(rand.NewPCG(seed, number(name)))}
}

func number(text string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(text))
	return hash.Sum64()
}

func (d *dice) percent(p int) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.random.IntN(100) < p
}
