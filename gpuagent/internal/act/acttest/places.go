package acttest

import (
	"context"
	"maps"
	"sync"
	"time"

	"tandem/gpuagent/internal/act"
)

// Places are the breaker's, in memory. The zero value has no capacity to spare.
type Places struct {
	// Lease of a place. Defaults to 10m.
	Lease time.Duration

	mutex   sync.Mutex
	holders map[string]time.Time
	spare   bool
	err     error
}

var (
	_ act.Places = (*Places)(nil)
	_ act.Spare  = (*Places)(nil)
)

// Fail makes the table fail; nil makes it work again.
func (p *Places) Fail(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.err = err
}

// SetSpare is what the controller says.
func (p *Places) SetSpare(spare bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.spare = spare
}

// Holders of places that have not run out.
func (p *Places) Holders() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.expire()
	return len(p.holders)
}

func (p *Places) expire() {
	maps.DeleteFunc(p.holders, func(_ string, until time.Time) bool { return !until.After(time.Now()) })
}

// Take implements [act.Places].
func (p *Places) Take(_ context.Context, holder string, places int) (bool, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.err != nil {
		return false, p.err
	}
	p.expire()
	if _, held := p.holders[holder]; !held && len(p.holders) >= places {
		return false, nil
	}
	if p.holders == nil {
		p.holders = map[string]time.Time{}
	}
	lease := p.Lease
	if lease == 0 {
		lease = 10 * time.Minute
	}
	p.holders[holder] = time.Now().Add(lease)
	return true, nil
}

// Held implements [act.Places].
func (p *Places) Held(_ context.Context, holder string) (bool, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.expire()
	_, held := p.holders[holder]
	return held, p.err
}

// Leave implements [act.Places].
func (p *Places) Leave(_ context.Context, holder string) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.holders, holder)
	return p.err
}

// Spare implements [act.Spare].
func (p *Places) Spare(context.Context) (bool, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.spare, p.err
}
