package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/keys"
)

type tokens map[string]error

func (t tokens) Authenticate(_ context.Context, bearer string) (keys.Identity, error) {
	err, found := t[bearer]
	if !found {
		err = keys.ErrUnknown
	}
	return keys.Identity{Tenant: "acme"}, err
}

func TestBearerTokensAreTakenFromTheHeader(t *testing.T) {
	known := tokens{"good": nil, "old": keys.ErrExpired, "gone": keys.ErrRevoked, "outage": errors.New("table tandem-x is throttled")}
	tests := map[string]struct {
		headers   []string
		status    int
		challenge string
		detail    string
	}{
		"a good one":                  {[]string{"Bearer good"}, 0, "", ""},
		"a scheme in lower case":      {[]string{"bearer good"}, 0, "", ""},
		"spaces around it":            {[]string{"Bearer   good "}, 0, "", ""},
		"no header":                   {nil, 401, `Bearer realm="tandem"`, "Send a key"},
		"an empty header":             {[]string{""}, 401, `Bearer realm="tandem"`, "Send a key"},
		"a scheme alone":              {[]string{"Bearer "}, 401, `Bearer realm="tandem"`, "Send a key"},
		"another scheme":              {[]string{"Basic good"}, 401, `Bearer realm="tandem"`, "Send a key"},
		"two headers":                 {[]string{"Bearer good", "Bearer good"}, 401, `Bearer realm="tandem"`, "Send a key"},
		"two tokens":                  {[]string{"Bearer good good"}, 401, `Bearer realm="tandem"`, "Send a key"},
		"an unknown one":              {[]string{"Bearer bad"}, 401, `Bearer realm="tandem", error="invalid_token"`, "not valid"},
		"an expired one":              {[]string{"Bearer old"}, 401, `Bearer realm="tandem", error="invalid_token"`, "expired"},
		"a revoked one":               {[]string{"Bearer gone"}, 401, `Bearer realm="tandem", error="invalid_token"`, "revoked"},
		"one that nobody could judge": {[]string{"Bearer outage"}, 503, "", "at the moment"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "/v1/jobs", nil)
			request.Header["Authorization"] = test.headers
			identity, err := auth.Bearer{Tokens: known}.Authenticate(request)
			if test.status == 0 {
				require.NoError(t, err)
				require.Equal(t, "acme", identity.Tenant)
				return
			}
			require.Empty(t, identity)
			var refused *problem.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, test.status, refused.Status)
			require.Equal(t, test.challenge, refused.Header.Get("WWW-Authenticate"))
			require.Contains(t, refused.Detail, test.detail)
			require.NotContains(t, refused.Detail, "tandem-x")
		})
	}
}

func TestAScopeThatIsMissingIsNamed(t *testing.T) {
	reader := keys.Identity{Scopes: []keys.Scope{keys.ScopeJobsRead}}
	require.NoError(t, auth.Require(reader, keys.ScopeJobsRead))
	var refused *problem.Error
	require.ErrorAs(t, auth.Require(reader, keys.ScopeJobsWrite), &refused)
	require.Equal(t, http.StatusForbidden, refused.Status)
	require.Contains(t, refused.Header.Get("WWW-Authenticate"), `scope="jobs:write"`)
	require.Error(t, auth.Require(auth.From(t.Context()), keys.ScopeJobsRead), "a context without a caller allows nothing")
}

func TestIAMCallersBecomeTenants(t *testing.T) {
	tests := map[string]struct{ arn, tenant string }{
		"a role, whatever its session":  {"arn:aws:sts::123456789012:assumed-role/Batch/i-0abc", "123456789012.role.Batch"},
		"the same role another session": {"arn:aws:sts::123456789012:assumed-role/Batch/other", "123456789012.role.Batch"},
		"a user":                        {"arn:aws:iam::123456789012:user/anna", "123456789012.user.anna"},
		"a user in China":               {"arn:aws-cn:iam::123456789012:user/anna", "123456789012.user.anna"},
		"the account itself":            {"arn:aws:iam::123456789012:root", "123456789012.root"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			identity, err := auth.IAMIdentity(test.arn)
			require.NoError(t, err)
			require.Equal(t, test.tenant, identity.Tenant)
			require.False(t, identity.Allows(keys.ScopeAdmin))
		})
	}
	for _, arn := range []string{"", "anonymous", "arn:aws:iam::123456789012:", "arn:aws:iam:::root"} {
		_, err := auth.IAMIdentity(arn)
		require.ErrorIs(t, err, auth.ErrMissing, arn)
	}
	path, err := auth.IAMIdentity("arn:aws:iam::123456789012:user/team/anna")
	require.NoError(t, err)
	require.Contains(t, path.Tenant, "123456789012.user.tea@")
}

func TestDifferentNamesNeverBecomeTheSameTenant(t *testing.T) {
	name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z|@_/.:]{1,60}`), rapid.SampledFrom([]string{"auth0|1", "auth0_1", "auth0/1"}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		tenant := auth.TenantOf(a)
		require.LessOrEqual(t, len(tenant), 48)
		require.Empty(t, strings.Trim(tenant, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@"))
		require.Equal(t, a == b, tenant == auth.TenantOf(b))
		if keys.CheckTenant(a) != nil {
			require.Error(t, keys.CheckTenant(tenant), "no key can hold it")
			require.NotEqual(t, tenant, auth.TenantOf(tenant), "nor can a token name it")
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add("Bearer tdm_aaaaaaaaaaaaaaaa.x")
	f.Add("bearer  x")
	f.Fuzz(func(t *testing.T, header string) {
		token, err := auth.Token([]string{header})
		if err == nil {
			require.NotEmpty(t, token)
			require.True(t, strings.HasSuffix(strings.TrimSpace(header), token))
			require.NotContains(t, token, " ")
		}
	})
}
