package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/keyview"
	"tandem/runtime/keys"
	"tandem/runtime/webhooks"
)

func TestAKeyThatIsMadeOpensTheAPIUntilItIsRevoked(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	code, out, talk := c.run("keys", "create", "--env=dev", "--tenant=acme", "--name=ci")
	require.Equal(t, exit.OK, code, talk)
	key := strings.TrimSpace(out)
	require.Regexp(t, `^tdm_[a-z2-7]{16}\.\S+$`, key, "the key alone, for $(...)")
	require.NotContains(t, talk, key)
	require.Contains(t, talk, "not shown again")
	identity, err := keys.Authenticator{Keys: c.Server.Keys}.Authenticate(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, "acme", identity.Tenant)
	require.Equal(t, keys.CallerScopes(), identity.Scopes)

	t.Setenv("TANDEM_API_KEY", key)
	require.Equal(t, "[]\n", c.succeed("jobs", "list", "-e", "dev", "--json"))
	c.succeed("keys", "revoke", "--env=dev", key)
	code, _, talk = c.run("jobs", "list", "-e", "dev")
	require.Equal(t, exit.Refused, code)
	require.Contains(t, talk, "revoked")
}

func TestAKeyIsMadeAsItIsAskedFor(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	c.now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var made keyview.Key
	require.NoError(t, json.Unmarshal([]byte(c.succeed("keys", "create", "--env=dev", "--tenant=acme", "--json",
		"--scopes=jobs:read,models", "--rate=5", "--burst=9", "--budget=12.5", "--expires=90d")), &made))
	require.NotEmpty(t, made.Key)
	stored, err := c.Server.Keys.Get(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{keys.ScopeJobsRead, keys.ScopeModels}, stored.Scopes)
	require.Equal(t, []any{5, 9, 12.5}, []any{stored.Rate, stored.Burst, stored.DailyBudgetUSD})
	require.Equal(t, "2027-02-22T12:00:00Z", stored.ExpiresAt.Format(time.RFC3339))
}

func TestKeysAreListedWithoutTheirSecrets(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	c.now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for i, key := range []keys.Key{
		{ID: "aaaaaaaaaaaaaaaa", Tenant: "acme", Name: "ci", Scopes: keys.CallerScopes(), Rate: 5, CreatedAt: c.now.Add(-time.Hour)},
		{ID: "bbbbbbbbbbbbbbbb", Tenant: "acme", Scopes: []keys.Scope{keys.ScopeAdmin}, CreatedAt: c.now.Add(-50 * time.Hour), ExpiresAt: c.now.Add(-time.Hour)},
		{ID: "cccccccccccccccc", Tenant: "globex", Scopes: []keys.Scope{keys.ScopeJobsRead}, CreatedAt: c.now.Add(-time.Minute), RevokedAt: c.now},
	} {
		key.Hash[0] = byte(i)
		require.NoError(t, c.Server.Keys.Create(t.Context(), key))
	}
	require.Equal(t, `ID                TENANT  NAME  STATE    SCOPES                       RATE  CREATED   EXPIRES
bbbbbbbbbbbbbbbb  acme          expired  admin                              2d2h ago  2026-11-24 11:00:00Z
aaaaaaaaaaaaaaaa  acme    ci    active   jobs:read,jobs:write,models  5/s   1h ago
cccccccccccccccc  globex        revoked  jobs:read                          1m ago
`, c.succeed("keys", "list", "--env=dev"))

	var shown []keyview.Key
	require.NoError(t, json.Unmarshal([]byte(c.succeed("keys", "list", "--env=dev", "--tenant=globex", "--json")), &shown))
	require.Len(t, shown, 1)
	require.Equal(t, "revoked", shown[0].State)

	out := c.succeed("keys", "list", "--env=dev", "--webhook-secrets")
	require.Contains(t, out, "WEBHOOK SECRET")
	require.Contains(t, out, webhooks.Secret("master", "globex"))
}

func TestKeysCommandsSayWhatIsWrong(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no environment":   {[]string{"keys", "list"}, exit.Usage, "--env; there are dev, prod, staging"},
		"not deployed":     {[]string{"keys", "list", "--env=prod"}, exit.NotFound, "tandem prod is not deployed"},
		"no tenant":        {[]string{"keys", "create", "--env=dev"}, exit.Usage, "--tenant"},
		"a bad tenant":     {[]string{"keys", "create", "--env=dev", "--tenant=a/b"}, exit.Failed, `tenant "a/b"`},
		"an unknown scope": {[]string{"keys", "create", "--env=dev", "--tenant=a", "--scopes=all"}, exit.Usage, `unknown scope "all"`},
		"a bad expiry":     {[]string{"keys", "create", "--env=dev", "--tenant=a", "--expires=soon"}, exit.Usage, "--expires: \"soon\" is no time"},
		"an expiry in the past": {[]string{"keys", "create", "--env=dev", "--tenant=a", "--expires=2020-01-01"}, exit.Failed,
			"is not in the future"},
		"a key that nobody checks": {[]string{"keys", "create", "--env=dev", "--tenant=a", "--set=api.auth.type=iam"}, exit.Failed,
			"authenticates callers by iam (command line"},
		"an unknown key": {[]string{"keys", "revoke", "--env=dev", "aaaaaaaaaaaaaaaa"}, exit.NotFound, "there is no key aaaaaaaaaaaaaaaa"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, talk := c.run(test.args...)
			require.Equal(t, test.code, code, talk)
			require.Empty(t, out)
			require.Contains(t, talk, test.says)
		})
	}
}

func TestAnAccountThatCannotBeOpenedIsAnError(t *testing.T) {
	var talk strings.Builder
	code := runWith(t.Context(), []string{"keys", "list", "--env=dev", dir}, streams{out: &talk, err: &talk}, &services{now: time.Now,
		open: func(context.Context, string) (account, error) {
			return nil, exit.With(exit.Refused, errors.New("no credentials"))
		}})
	require.Equal(t, exit.Refused, code)
	require.Equal(t, "tandem: no credentials\n", talk.String())
}
