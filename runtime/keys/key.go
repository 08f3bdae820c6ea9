package keys

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
)

// Hash is the SHA-256 of a key's secret.
type Hash [sha256.Size]byte

// Key is what is kept of a key.
type Key struct {
	ID     string
	Tenant string
	// Name is the holder's own, such as ci or anna.
	Name   string
	Scopes []Scope
	Hash   Hash
	// Rate is requests a second, and Burst requests at once; 0 leaves the deployment's default.
	Rate  int
	Burst int
	// DailyBudgetUSD is what the tenant may spend on external models in a day (UTC); 0 is no limit.
	DailyBudgetUSD float64

	CreatedAt time.Time
	// ExpiresAt is zero where the key does not expire.
	ExpiresAt time.Time
	// RevokedAt is zero until the key is revoked.
	RevokedAt time.Time
}

// What can be wrong with a key.
var (
	ErrNotFound = errors.New("no such key")
	ErrExists   = errors.New("a key of that id exists")
	ErrRevoked  = errors.New("the key was revoked")
	ErrExpired  = errors.New("the key has expired")
)

// Store keeps keys. Times are kept to the second.
type Store interface {
	// Create keeps a new key, or fails with ErrExists.
	Create(ctx context.Context, key Key) error
	// Get returns a key, revoked or not, or fails with ErrNotFound.
	Get(ctx context.Context, id string) (Key, error)
	// List returns the keys of a tenant, or of all when tenant is empty, oldest first.
	List(ctx context.Context, tenant string) ([]Key, error)
	// Revoke marks a key as revoked at a time, or fails with ErrNotFound.
	// A key that is revoked already keeps its first time.
	Revoke(ctx context.Context, id string, at time.Time) error
}

// Identity of the key's holder.
func (k Key) Identity() Identity {
	return Identity{
		Tenant: k.Tenant, KeyID: k.ID, Scopes: k.Scopes,
		Rate: k.Rate, Burst: k.Burst, DailyBudgetUSD: k.DailyBudgetUSD,
		ValidUntil: k.ExpiresAt,
	}
}
