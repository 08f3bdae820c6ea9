package keys

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"
)

// ErrUnknown says that no key has this id and secret. Which of the two was
// wrong is not told.
var ErrUnknown = errors.New("unknown key")

// Authenticator judges presented keys.
type Authenticator struct {
	// Keys is where keys are kept.
	Keys interface {
		Get(ctx context.Context, id string) (Key, error)
	}
	// Now defaults to time.Now.
	Now func() time.Time
}

// Authenticate returns who holds a key. It fails with ErrMalformed,
// ErrUnknown, ErrRevoked or ErrExpired, all of which are the caller's fault;
// any other error means that the store did not answer.
func (a Authenticator) Authenticate(ctx context.Context, bearer string) (Identity, error) {
	token, err := ParseToken(bearer)
	if err != nil {
		return Identity{}, err
	}
	key, err := a.Keys.Get(ctx, token.ID)
	presented := token.Hash()
	matches := subtle.ConstantTimeCompare(presented[:], key.Hash[:]) == 1
	switch {
	case errors.Is(err, ErrNotFound):
		return Identity{}, ErrUnknown
	case err != nil:
		return Identity{}, fmt.Errorf("looking up key %s: %w", token.ID, err)
	case !matches:
		return Identity{}, ErrUnknown
	case !key.RevokedAt.IsZero():
		return Identity{}, ErrRevoked
	case !key.ExpiresAt.IsZero() && !a.now().Before(key.ExpiresAt):
		return Identity{}, ErrExpired
	}
	return key.Identity(), nil
}

func (a Authenticator) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}
