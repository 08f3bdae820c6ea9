package budget

import (
	"context"
	"sync"
)

// Memory is a Store for local mode and tests. The zero value is empty.
type Memory struct {
	mu   sync.Mutex
	sums map[[2]string]float64
}

var _ Store = (*Memory)(nil)

// Add implements Store.
func (m *Memory) Add(_ context.Context, tenant, day string, usd float64) (float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sums == nil {
		m.sums = map[[2]string]float64{}
	}
	m.sums[[2]string{tenant, day}] += usd
	return m.sums[[2]string{tenant, day}], nil
}

// Total implements Store.
func (m *Memory) Total(_ context.Context, tenant, day string) (float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sums[[2]string{tenant, day}], nil
}
