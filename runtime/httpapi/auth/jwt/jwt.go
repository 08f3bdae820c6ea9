// Package jwt judges tokens of an OpenID Connect issuer, for deployments whose
// callers already have one. It is a package of its own so that only programs
// that judge tokens link what that takes.
package jwt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/keys"
)

// Options configure an [Authenticator].
type Options struct {
	// Issuer is an https URL; its OpenID configuration names the keys.
	Issuer string
	// Audience that a token must carry.
	Audience string
	// TenantClaim holds the tenant, as a string. Defaults to sub.
	TenantClaim string
	// Client fetches the issuer's keys. Defaults to one with a 5 s timeout.
	Client *http.Client
	// Now defaults to time.Now.
	Now func() time.Time
}

// Authenticator judges tokens of one issuer, whose keys are fetched on the
// first token and whenever one is signed by a key not seen before.
//
// A token grants the scopes of this API that its scope or scp claim names. One
// that names none grants what an ordinary caller may do: issuers say who
// somebody is more often than what they may do here, and the audience already
// says that the token is meant for this API.
type Authenticator struct {
	options Options

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
}

// New makes an Authenticator that has fetched nothing yet.
func New(options Options) *Authenticator {
	if options.TenantClaim == "" {
		options.TenantClaim = "sub"
	}
	if options.Client == nil {
		options.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Authenticator{options: options}
}

// Authenticate implements auth.Tokens.
func (a *Authenticator) Authenticate(ctx context.Context, bearer string) (keys.Identity, error) {
	if strings.Count(bearer, ".") != 2 {
		return keys.Identity{}, fmt.Errorf("%w: not a JWT", auth.ErrInvalid)
	}
	verifier, err := a.discover(ctx)
	if err != nil {
		return keys.Identity{}, err
	}
	token, err := verifier.Verify(ctx, bearer)
	if err != nil {
		if unreachable(err) {
			return keys.Identity{}, fmt.Errorf("fetching the signing keys of %s: %w", a.options.Issuer, err)
		}
		var expired *oidc.TokenExpiredError
		if errors.As(err, &expired) {
			return keys.Identity{}, fmt.Errorf("%w: %w", keys.ErrExpired, err)
		}
		return keys.Identity{}, fmt.Errorf("%w: %w", auth.ErrInvalid, err)
	}
	return a.identity(token)
}

// discover reads the issuer's configuration until it succeeds once.
func (a *Authenticator) discover(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.verifier != nil {
		return a.verifier, nil
	}
	// The provider keeps this context for fetching keys later.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), a.options.Client), a.options.Issuer)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenID configuration of %s: %w", a.options.Issuer, err)
	}
	a.verifier = provider.Verifier(&oidc.Config{ClientID: a.options.Audience, Now: a.options.Now})
	return a.verifier, nil
}

// unreachable tells a failed fetch from a wrong token; go-oidc has no type for it.
func unreachable(err error) bool { return strings.Contains(err.Error(), "fetching keys") }

func (a *Authenticator) identity(token *oidc.IDToken) (keys.Identity, error) {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return keys.Identity{}, fmt.Errorf("%w: %w", auth.ErrInvalid, err)
	}
	tenant, _ := claims[a.options.TenantClaim].(string)
	if tenant == "" {
		return keys.Identity{}, fmt.Errorf("%w: it has no claim %s", auth.ErrInvalid, a.options.TenantClaim)
	}
	identity := keys.Identity{Tenant: auth.TenantOf(tenant), KeyID: "jwt", ValidUntil: token.Expiry, Scopes: scopes(claims)}
	if id, _ := claims["jti"].(string); id != "" {
		identity.KeyID = "jwt/" + id
	}
	return identity, nil
}

func scopes(claims map[string]any) []keys.Scope {
	var words []string
	for _, name := range []string{"scope", "scp"} {
		switch claim := claims[name].(type) {
		case string:
			words = append(words, strings.Fields(claim)...)
		case []any:
			for _, word := range claim {
				if text, ok := word.(string); ok {
					words = append(words, text)
				}
			}
		}
	}
	var granted []keys.Scope
	for _, word := range words {
		if parsed, err := keys.ParseScopes(word); err == nil {
			granted = append(granted, parsed...)
		}
	}
	if granted == nil {
		return keys.CallerScopes()
	}
	return granted
}
