package lambdaproxy

import (
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/keys"
)

// Gateway is the auth.Authenticator behind API Gateway: it believes what the
// gateway says about the caller.
type Gateway struct {
	// IAM takes the caller that SigV4 proved, rather than the authorizer's.
	IAM bool
	// Now defaults to time.Now.
	Now func() time.Time
}

var _ auth.Authenticator = Gateway{}

// Authenticate implements auth.Authenticator.
func (g Gateway) Authenticate(r *http.Request) (keys.Identity, error) {
	event, found := Event(r.Context())
	if !found {
		return keys.Identity{}, auth.Refused(auth.ErrMissing)
	}
	if g.IAM {
		identity, err := auth.IAMIdentity(event.Identity.UserArn)
		if err != nil {
			return keys.Identity{}, auth.Refused(err)
		}
		return identity, nil
	}
	identity := Identity(event.Authorizer)
	if identity.Tenant == "" {
		return keys.Identity{}, auth.Refused(auth.ErrMissing)
	}
	now := g.Now
	if now == nil {
		now = time.Now
	}
	if !identity.ValidUntil.IsZero() && !now().Before(identity.ValidUntil) {
		return keys.Identity{}, auth.Refused(keys.ErrExpired)
	}
	return identity, nil
}

// Names in an authorizer's context. tenant and keyId are in the access log too.
const (
	contextTenant = "tenant"
	contextKeyID  = "keyId"
	contextScopes = "scopes"
	contextRate   = "rate"
	contextBurst  = "burst"
	contextBudget = "budgetUsd"
	contextUntil  = "validUntil"
)

// Context renders a caller for an authorizer's answer, whose values are
// strings, numbers or booleans; [Identity] reads it back. Zero values are left out.
func Context(identity keys.Identity) map[string]any {
	values := map[string]any{
		contextTenant: identity.Tenant, contextKeyID: identity.KeyID, contextScopes: keys.JoinScopes(identity.Scopes),
	}
	for name, value := range map[string]int{contextRate: identity.Rate, contextBurst: identity.Burst} {
		if value != 0 {
			values[name] = strconv.Itoa(value)
		}
	}
	if identity.DailyBudgetUSD != 0 {
		values[contextBudget] = strconv.FormatFloat(identity.DailyBudgetUSD, 'f', -1, 64)
	}
	if !identity.ValidUntil.IsZero() {
		values[contextUntil] = strconv.FormatInt(identity.ValidUntil.Unix(), 10)
	}
	return values
}

// Identity reads what [Context] wrote. A scope that it does not know is left out.
func Identity(values map[string]any) keys.Identity {
	text := func(name string) string {
		value, _ := values[name].(string)
		return value
	}
	identity := keys.Identity{Tenant: text(contextTenant), KeyID: text(contextKeyID)}
	if scopes, err := keys.ParseScopes(text(contextScopes)); err == nil {
		identity.Scopes = scopes
	}
	identity.Rate, _ = strconv.Atoi(text(contextRate))
	identity.Burst, _ = strconv.Atoi(text(contextBurst))
	identity.DailyBudgetUSD, _ = strconv.ParseFloat(text(contextBudget), 64)
	if until, err := strconv.ParseInt(text(contextUntil), 10, 64); err == nil {
		identity.ValidUntil = time.Unix(until, 0).UTC()
	}
	return identity
}
