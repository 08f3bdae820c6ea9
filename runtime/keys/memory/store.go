// Package memory keeps keys in memory, for local mode and tests.
package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"tandem/runtime/keys"
)

// Store keeps keys in memory. Its zero value is ready.
type Store struct {
	mu   sync.RWMutex
	keys map[string]keys.Key
}

var _ keys.Store = (*Store)(nil)

// Create implements keys.Store.
func (s *Store) Create(_ context.Context, key keys.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.keys[key.ID]; found {
		return keys.ErrExists
	}
	if s.keys == nil {
		s.keys = map[string]keys.Key{}
	}
	key.Scopes = slices.Clone(key.Scopes)
	s.keys[key.ID] = key
	return nil
}

// Get implements keys.Store.
func (s *Store) Get(_ context.Context, id string) (keys.Key, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	key, found := s.keys[id]
	if !found {
		return keys.Key{}, keys.ErrNotFound
	}
	return key, nil
}

// List implements keys.Store.
func (s *Store) List(_ context.Context, tenant string) ([]keys.Key, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []keys.Key
	for _, key := range s.keys {
		if tenant == "" || key.Tenant == tenant {
			found = append(found, key)
		}
	}
	slices.SortFunc(found, func(a, b keys.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// Revoke implements keys.Store.
func (s *Store) Revoke(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, found := s.keys[id]
	if !found {
		return keys.ErrNotFound
	}
	if key.RevokedAt.IsZero() {
		key.RevokedAt = at
		s.keys[id] = key
	}
	return nil
}
