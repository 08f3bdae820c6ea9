package auth

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"tandem/runtime/keys"
)

// TenantOf makes a tenant of a name that another system chose, such as a
// token's subject. A name that can be a tenant's stays as it is. Any other
// becomes a readable part, an @, and a hash: different names always make
// different tenants, and none that a key could have.
func TenantOf(name string) string {
	if keys.CheckTenant(name) == nil {
		return name
	}
	readable := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-') {
			return r
		}
		return '_'
	}, name)
	sum := sha256.Sum256([]byte(name))
	hash := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
	return readable[:min(len(readable), 21)] + "@" + hash
}

// IAMIdentity is the caller of a request that API Gateway checked by SigV4. The
// tenant is the account and the user or role: 123456789012.role.<name>. IAM
// policies say which methods it may call, so it holds every scope but admin.
func IAMIdentity(userARN string) (keys.Identity, error) {
	parts := strings.SplitN(userARN, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[4] == "" || parts[5] == "" {
		return keys.Identity{}, fmt.Errorf("%w: API Gateway names no IAM caller; is the method's authorization AWS_IAM?", ErrMissing)
	}
	account := parts[4]
	kind, name, _ := strings.Cut(parts[5], "/")
	if kind == "assumed-role" {
		kind = "role"
		name, _, _ = strings.Cut(name, "/") // the rest is the session's name, which the caller chooses
	}
	tenant := account + "." + kind
	if name != "" {
		tenant += "." + name
	}
	return keys.Identity{Tenant: TenantOf(tenant), KeyID: kind + "/" + name, Scopes: keys.CallerScopes()}, nil
}
