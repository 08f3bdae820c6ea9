package jwt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/auth/jwt"
	"tandem/runtime/keys"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// issuer is an OpenID Connect issuer with one key.
type issuer struct {
	*httptest.Server
	key  *ecdsa.PrivateKey
	down atomic.Bool
}

func newIssuer(t *testing.T) *issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	i := &issuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	})
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) sign(t *testing.T, key *ecdsa.PrivateKey, changes map[string]any) string {
	claims := map[string]any{"iss": i.URL, "aud": "tandem", "sub": "acme", "jti": "t-1",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	require.NoError(t, err)
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

func (i *issuer) authenticator(claim string) *jwt.Authenticator {
	return jwt.New(jwt.Options{Issuer: i.URL, Audience: "tandem", TenantClaim: claim, Now: func() time.Time { return now }})
}

func TestATokenOfTheIssuerNamesItsTenant(t *testing.T) {
	i := newIssuer(t)
	got, err := i.authenticator("").Authenticate(t.Context(), i.sign(t, i.key, nil))
	require.NoError(t, err)
	require.Equal(t, keys.Identity{Tenant: "acme", KeyID: "jwt/t-1", Scopes: keys.CallerScopes(), ValidUntil: now.Add(time.Hour)},
		func() keys.Identity { got.ValidUntil = got.ValidUntil.UTC(); return got }())

	got, err = i.authenticator("org").Authenticate(t.Context(), i.sign(t, i.key, map[string]any{"org": "globex", "scope": "openid jobs:read"}))
	require.NoError(t, err)
	require.Equal(t, "globex", got.Tenant)
	require.Equal(t, []keys.Scope{keys.ScopeJobsRead}, got.Scopes)

	got, err = i.authenticator("").Authenticate(t.Context(), i.sign(t, i.key, map[string]any{"scp": []string{"models", "profile"}, "jti": nil}))
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{keys.ScopeModels}, got.Scopes)
	require.Equal(t, "jwt", got.KeyID)
}

func TestWrongTokensAreRefused(t *testing.T) {
	i := newIssuer(t)
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tests := map[string]struct {
		token string
		want  error
	}{
		"no JWT":                     {"hunter2", auth.ErrInvalid},
		"no JWT, but dots":           {"a.b.c", auth.ErrInvalid},
		"another audience":           {i.sign(t, i.key, map[string]any{"aud": "payroll"}), auth.ErrInvalid},
		"another issuer":             {i.sign(t, i.key, map[string]any{"iss": "https://evil.example"}), auth.ErrInvalid},
		"signed by somebody else":    {i.sign(t, stranger, nil), auth.ErrInvalid},
		"not valid yet":              {i.sign(t, i.key, map[string]any{"nbf": now.Add(time.Hour).Unix()}), auth.ErrInvalid},
		"expired":                    {i.sign(t, i.key, map[string]any{"exp": now.Add(-time.Second).Unix()}), keys.ErrExpired},
		"without a tenant":           {i.sign(t, i.key, map[string]any{"sub": nil}), auth.ErrInvalid},
		"a tenant that is no string": {i.sign(t, i.key, map[string]any{"sub": 7}), auth.ErrInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := i.authenticator("").Authenticate(t.Context(), test.token)
			require.ErrorIs(t, err, test.want)
			require.True(t, auth.CallersFault(err))
			require.NotContains(t, err.Error(), test.token)
		})
	}
}

func TestAnIssuerThatDoesNotAnswerIsNotTheCallersFault(t *testing.T) {
	i := newIssuer(t)
	token, authenticator := i.sign(t, i.key, nil), i.authenticator("")
	i.down.Store(true)
	_, err := authenticator.Authenticate(t.Context(), token)
	require.Error(t, err)
	require.False(t, auth.CallersFault(err))

	i.down.Store(false)
	_, err = authenticator.Authenticate(t.Context(), token)
	require.NoError(t, err, "it asks again")

	fresh := i.authenticator("")
	_, err = fresh.Authenticate(t.Context(), "a.b.c")
	require.ErrorIs(t, err, auth.ErrInvalid, "the configuration has been read, the keys have not")
	i.down.Store(true)
	_, err = fresh.Authenticate(t.Context(), token)
	require.Error(t, err)
	require.False(t, auth.CallersFault(err))
}
