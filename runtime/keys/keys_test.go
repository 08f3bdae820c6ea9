package keys_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/keys"
	"tandem/runtime/keys/memory"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestIssuedKeyAuthenticatesAsItsTenant(t *testing.T) {
	store := &memory.Store{}
	token, key, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme", Rate: 5, Burst: 6, DailyBudgetUSD: 7}, now, rand.Reader)
	require.NoError(t, err)
	require.Regexp(t, `^tdm_[a-z2-7]{16}\.[A-Za-z0-9_-]{43}$`, token.Reveal())

	got, err := keys.Authenticator{Keys: store, Now: func() time.Time { return now }}.Authenticate(t.Context(), token.Reveal())
	require.NoError(t, err)
	require.Equal(t, keys.Identity{Tenant: "acme", KeyID: key.ID, Scopes: keys.CallerScopes(), Rate: 5, Burst: 6, DailyBudgetUSD: 7}, got)
	require.False(t, got.Allows(keys.ScopeAdmin))
	require.True(t, keys.Identity{Scopes: []keys.Scope{keys.ScopeAdmin}}.Allows(keys.ScopeJobsWrite))
}

func TestOnlyTheHashOfASecretIsKept(t *testing.T) {
	store := &memory.Store{}
	token, key, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme"}, now, rand.Reader)
	require.NoError(t, err)
	_, secret, _ := strings.Cut(token.Reveal(), ".")
	kept, err := store.Get(t.Context(), key.ID)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%+v", kept), secret)
}

func TestATokenThatIsPrintedHidesItsSecret(t *testing.T) {
	token, err := keys.NewToken(rand.Reader)
	require.NoError(t, err)
	_, secret, _ := strings.Cut(token.Reveal(), ".")

	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("made", "token", token)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("made", "token", token)
	encoded, err := json.Marshal(map[string]any{"token": token})
	require.NoError(t, err)
	for _, text := range []string{logged.String(), string(encoded), fmt.Sprint(token), fmt.Sprintf("%v %+v %#v %s", token, token, token, token)} {
		require.NotContains(t, text, secret)
		require.Contains(t, text, token.ID)
	}
}

func TestWrongKeysAreRefused(t *testing.T) {
	store := &memory.Store{}
	issue := func(expires time.Time) keys.Token {
		token, _, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme", ExpiresAt: expires}, now, rand.Reader)
		require.NoError(t, err)
		return token
	}
	valid, revoked, expiring := issue(time.Time{}), issue(time.Time{}), issue(now.Add(time.Hour))
	require.NoError(t, store.Revoke(t.Context(), revoked.ID, now))
	stranger, err := keys.NewToken(rand.Reader)
	require.NoError(t, err)
	swapped := keys.Prefix + valid.ID + "." + strings.SplitN(stranger.Reveal(), ".", 2)[1]

	tests := map[string]struct {
		bearer string
		at     time.Time
		want   error
	}{
		"an empty one":                          {"", now, keys.ErrMalformed},
		"a password":                            {"hunter2", now, keys.ErrMalformed},
		"one without its prefix":                {strings.TrimPrefix(valid.Reveal(), keys.Prefix), now, keys.ErrMalformed},
		"one cut short":                         {valid.Reveal()[:len(valid.Reveal())-1], now, keys.ErrMalformed},
		"one with something after it":           {valid.Reveal() + "A", now, keys.ErrMalformed},
		"one in upper case":                     {strings.ToUpper(valid.Reveal()), now, keys.ErrMalformed},
		"one that nobody issued":                {stranger.Reveal(), now, keys.ErrUnknown},
		"another secret with a known id":        {swapped, now, keys.ErrUnknown},
		"a revoked one":                         {revoked.Reveal(), now, keys.ErrRevoked},
		"one at the moment of its expiry":       {expiring.Reveal(), now.Add(time.Hour), keys.ErrExpired},
		"none, a second before the expiry hits": {expiring.Reveal(), now.Add(time.Hour - time.Second), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := keys.Authenticator{Keys: store, Now: func() time.Time { return test.at }}.Authenticate(t.Context(), test.bearer)
			require.ErrorIs(t, err, test.want)
		})
	}
}

type brokenStore struct{ err error }

func (b brokenStore) Get(context.Context, string) (keys.Key, error) { return keys.Key{}, b.err }

func TestAStoreThatDoesNotAnswerIsNotTheCallersFault(t *testing.T) {
	token, err := keys.NewToken(rand.Reader)
	require.NoError(t, err)
	outage := errors.New("throttled")
	_, err = keys.Authenticator{Keys: brokenStore{outage}}.Authenticate(t.Context(), token.Reveal())
	require.ErrorIs(t, err, outage)
	require.NotErrorIs(t, err, keys.ErrUnknown)
	require.NotContains(t, err.Error(), token.Reveal())
}

func TestAKeyThatCannotBeUsedIsNotIssued(t *testing.T) {
	tests := map[string]struct {
		request keys.Request
		want    string
	}{
		"no tenant":                 {keys.Request{}, "tenant"},
		"a tenant with a slash":     {keys.Request{Tenant: "a/b"}, "tenant"},
		"a tenant of dots":          {keys.Request{Tenant: ".."}, "tenant"},
		"an unknown scope":          {keys.Request{Tenant: "acme", Scopes: []keys.Scope{"root"}}, `unknown scope "root"`},
		"a negative rate":           {keys.Request{Tenant: "acme", Rate: -1}, "negative"},
		"an expiry that has passed": {keys.Request{Tenant: "acme", ExpiresAt: now}, "not in the future"},
		"a name that is too long":   {keys.Request{Tenant: "acme", Name: strings.Repeat("n", 129)}, "128"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := &memory.Store{}
			_, _, err := keys.Issue(t.Context(), store, test.request, now, rand.Reader)
			require.ErrorContains(t, err, test.want)
			kept, err := store.List(t.Context(), "")
			require.NoError(t, err)
			require.Empty(t, kept)
		})
	}
}

func TestScopesAreReadBackAsWritten(t *testing.T) {
	got, err := keys.ParseScopes("jobs:read, models jobs:read")
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{keys.ScopeJobsRead, keys.ScopeModels}, got)
	again, err := keys.ParseScopes(keys.JoinScopes(got))
	require.NoError(t, err)
	require.Equal(t, got, again)
	_, err = keys.ParseScopes("jobs:read root")
	require.ErrorContains(t, err, "root")
}

func FuzzParsedTokensAreWrittenBackUnchanged(f *testing.F) {
	token, err := keys.NewToken(bytes.NewReader(make([]byte, 42)))
	require.NoError(f, err)
	f.Add(token.Reveal())
	f.Add("tdm_.")
	f.Add("tdm_aaaaaaaaaaaaaaaa." + strings.Repeat("_", 43))
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := keys.ParseToken(text); err == nil {
			require.Equal(t, text, token.Reveal())
		}
	})
}
