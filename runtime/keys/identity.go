package keys

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Scope is one thing that a caller may do.
type Scope string

// The scopes.
const (
	ScopeJobsRead  Scope = "jobs:read"
	ScopeJobsWrite Scope = "jobs:write"
	ScopeModels    Scope = "models"
	ScopeAdmin     Scope = "admin"
)

// Scopes returns every scope.
func Scopes() []Scope {
	return []Scope{ScopeJobsRead, ScopeJobsWrite, ScopeModels, ScopeAdmin}
}

// CallerScopes returns what an ordinary caller is given: everything but admin.
func CallerScopes() []Scope {
	return []Scope{ScopeJobsRead, ScopeJobsWrite, ScopeModels}
}

// ParseScopes reads scopes separated by commas or spaces. An unknown one is an error.
func ParseScopes(text string) ([]Scope, error) {
	var scopes []Scope
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		scope := Scope(word)
		if !slices.Contains(Scopes(), scope) {
			return nil, fmt.Errorf("unknown scope %q; there are %v", word, Scopes())
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// JoinScopes is the inverse of [ParseScopes].
func JoinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, scope := range scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, " ")
}

// Identity is a caller that has been authenticated.
type Identity struct {
	// Tenant owns everything that the caller makes and is all that it sees.
	Tenant string
	// KeyID names the key, token or role, for logs. Never a secret.
	KeyID string
	// Scopes that the caller holds; admin holds all.
	Scopes []Scope
	// Rate is requests a second, and Burst requests at once; 0 leaves the deployment's default.
	Rate  int
	Burst int
	// DailyBudgetUSD is what the tenant may spend on external models in a day (UTC); 0 is no limit.
	DailyBudgetUSD float64
	// ValidUntil is when the key or token expires, zero if it does not. A gateway
	// that remembers the identity for a while must look at it.
	ValidUntil time.Time
}

// Allows reports whether the caller may do what a scope opens.
func (i Identity) Allows(scope Scope) bool {
	return slices.Contains(i.Scopes, scope) || slices.Contains(i.Scopes, ScopeAdmin)
}

var tenantPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$`)

// CheckTenant reports whether a name can be a tenant's: 1 to 64 letters,
// digits, dots, underscores and hyphens, because it becomes part of object keys.
func CheckTenant(tenant string) error {
	if !tenantPattern.MatchString(tenant) {
		return fmt.Errorf("tenant %q: use 1 to 48 letters, digits, dots, underscores and hyphens, starting with a letter or digit", tenant)
	}
	return nil
}
