// Package budget counts what each tenant spends on external models in a day
// (UTC), so that the router can refuse more when its budget is spent.
//
// Costs are known when an answer is complete, so a tenant can pass its budget by
// what its calls under way cost. Sums are kept in the process and written in
// steps: what other processes spent is seen after at most [Options.Refresh], and
// a process that dies forgets at most [Options.WriteAbove]. Where sums are kept
// is left to a [Store] (the one here in memory, or models/dynamobudget).
package budget

import (
	"context"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"tandem/runtime/models"
)

// Store keeps sums. A day is written 2026-11-24.
type Store interface {
	// Add adds to what a tenant spent on a day, and returns the new sum.
	Add(ctx context.Context, tenant, day string, usd float64) (float64, error)
	// Total returns the sum; 0 where there is none.
	Total(ctx context.Context, tenant, day string) (float64, error)
}

// Options of a Ledger.
type Options struct {
	// Store is required.
	Store Store
	// WriteAbove is how much of a tenant's spending may wait in the process.
	// Defaults to 0.01 USD.
	WriteAbove float64
	// Refresh is how long a sum is believed. Defaults to 30 s.
	Refresh time.Duration
	// Tenants that are remembered; the one that was used least recently goes first.
	// Defaults to 10,000.
	Tenants int
	// Now defaults to time.Now.
	Now func() time.Time
}

// Ledger implements models.Budgets. It is safe for concurrent use.
type Ledger struct {
	options Options
	entries *lru.Cache[string, *entry]
}

var _ models.Budgets = (*Ledger)(nil)

type entry struct {
	mu  sync.Mutex
	day string
	// total is the store's sum at the time read; pending was not written yet.
	total, pending float64
	read           time.Time
}

// New makes a ledger.
func New(options Options) (*Ledger, error) {
	if options.WriteAbove == 0 {
		options.WriteAbove = 0.01
	}
	if options.Refresh == 0 {
		options.Refresh = 30 * time.Second
	}
	if options.Tenants == 0 {
		options.Tenants = 10_000
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	entries, err := lru.New[string, *entry](options.Tenants)
	if err != nil {
		return nil, fmt.Errorf("budget: %d tenants: %w", options.Tenants, err)
	}
	return &Ledger{options: options, entries: entries}, nil
}

// Spent implements models.Budgets.
func (l *Ledger) Spent(ctx context.Context, tenant string) (float64, time.Duration, error) {
	now := l.options.Now().UTC()
	midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	e := l.entry(tenant)
	e.mu.Lock()
	defer e.mu.Unlock()
	l.turn(e, now)
	if now.Sub(e.read) >= l.options.Refresh {
		total, err := l.sync(ctx, tenant, e)
		if err != nil {
			return e.total + e.pending, midnight.Sub(now), fmt.Errorf("reading what tenant %s spent: %w", tenant, err)
		}
		e.total, e.read = total, now
	}
	return e.total + e.pending, midnight.Sub(now), nil
}

// sync reads the sum, and writes what waits on the way.
func (l *Ledger) sync(ctx context.Context, tenant string, e *entry) (float64, error) {
	if e.pending == 0 {
		return l.options.Store.Total(ctx, tenant, e.day)
	}
	total, err := l.options.Store.Add(ctx, tenant, e.day, e.pending)
	if err == nil {
		e.pending = 0
	}
	return total, err
}

// Spend implements models.Budgets.
func (l *Ledger) Spend(ctx context.Context, tenant string, usd float64) error {
	now := l.options.Now().UTC()
	e := l.entry(tenant)
	e.mu.Lock()
	defer e.mu.Unlock()
	l.turn(e, now)
	e.pending += usd
	if e.pending < l.options.WriteAbove {
		return nil
	}
	total, err := l.sync(ctx, tenant, e)
	if err != nil {
		return fmt.Errorf("writing what tenant %s spent: %w", tenant, err)
	}
	e.total, e.read = total, now
	return nil
}

func (l *Ledger) entry(tenant string) *entry {
	if found, ok := l.entries.Get(tenant); ok {
		return found
	}
	fresh := &entry{}
	if found, ok, _ := l.entries.PeekOrAdd(tenant, fresh); ok {
		return found
	}
	return fresh
}

// turn begins a new day. What waited of the old one is less than WriteAbove and
// forgotten.
func (l *Ledger) turn(e *entry, now time.Time) {
	if day := now.Format(time.DateOnly); e.day != day {
		e.day, e.total, e.pending, e.read = day, 0, 0, time.Time{}
	}
}
