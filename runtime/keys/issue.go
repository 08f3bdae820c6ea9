package keys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Request says what a new key should be.
type Request struct {
	Tenant string
	Name   string
	// Scopes defaults to CallerScopes.
	Scopes []Scope
	Rate   int
	Burst  int
	// DailyBudgetUSD for external models; 0 is no limit.
	DailyBudgetUSD float64
	// ExpiresAt is zero for a key that does not expire.
	ExpiresAt time.Time
}

// Issue makes a key, keeps it, and returns the token that its holder must be
// shown now: it cannot be shown again.
func Issue(ctx context.Context, store Store, request Request, now time.Time, random io.Reader) (Token, Key, error) {
	if request.Scopes == nil {
		request.Scopes = CallerScopes()
	}
	if err := request.validate(now); err != nil {
		return Token{}, Key{}, fmt.Errorf("making a key: %w", err)
	}
	token, err := NewToken(random)
	if err != nil {
		return Token{}, Key{}, fmt.Errorf("making a key: %w", err)
	}
	key := Key{
		ID: token.ID, Tenant: request.Tenant, Name: request.Name, Scopes: request.Scopes, Hash: token.Hash(),
		Rate: request.Rate, Burst: request.Burst, DailyBudgetUSD: request.DailyBudgetUSD,
		CreatedAt: now.UTC().Truncate(time.Second), ExpiresAt: request.ExpiresAt.UTC().Truncate(time.Second),
	}
	if err := store.Create(ctx, key); err != nil {
		return Token{}, Key{}, fmt.Errorf("keeping the new key %s: %w", key.ID, err)
	}
	return token, key, nil
}

func (r Request) validate(now time.Time) error {
	var problems []error
	if err := CheckTenant(r.Tenant); err != nil {
		problems = append(problems, err)
	}
	if len(r.Name) > 128 {
		problems = append(problems, fmt.Errorf("name is %d bytes long, 128 is the most", len(r.Name)))
	}
	for _, scope := range r.Scopes {
		if !slices.Contains(Scopes(), scope) {
			problems = append(problems, fmt.Errorf("unknown scope %q; there are %v", scope, Scopes()))
		}
	}
	if r.Rate < 0 || r.Burst < 0 || r.DailyBudgetUSD < 0 {
		problems = append(problems, errors.New("rate, burst and budget cannot be negative"))
	}
	if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(now) {
		problems = append(problems, fmt.Errorf("expiry %s is not in the future", r.ExpiresAt.Format(time.RFC3339)))
	}
	return errors.Join(problems...)
}
