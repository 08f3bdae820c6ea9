package lambdaproxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/keys"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var anna = keys.Identity{Tenant: "acme", KeyID: "k-1", Scopes: keys.CallerScopes(), Rate: 5, Burst: 9,
	DailyBudgetUSD: 12.5, ValidUntil: now.Add(time.Hour)}

func authenticate(t *testing.T, gateway lambdaproxy.Gateway, event events.APIGatewayProxyRequestContext) (keys.Identity, error) {
	t.Helper()
	var identity keys.Identity
	var refused error
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { identity, refused = gateway.Authenticate(r) })
	_, err := lambdaproxy.Proxy{Handler: handler}.Handle(t.Context(), events.APIGatewayProxyRequest{RequestContext: event})
	require.NoError(t, err)
	return identity, refused
}

func TestTheAuthorizersCallerReachesTheHandler(t *testing.T) {
	for name, identity := range map[string]keys.Identity{"full": anna, "bare": {Tenant: "acme", KeyID: "k-2"}} {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(lambdaproxy.Context(identity)) // through API Gateway
			require.NoError(t, err)
			var values map[string]any
			require.NoError(t, json.Unmarshal(raw, &values))
			for name, value := range values {
				require.IsType(t, "", value, "%s: API Gateway makes strings of everything", name)
			}
			got, err := authenticate(t, lambdaproxy.Gateway{Now: func() time.Time { return now }}, events.APIGatewayProxyRequestContext{Authorizer: values})
			require.NoError(t, err)
			require.Equal(t, identity, got)
		})
	}
}

func TestARememberedCallerIsRefusedOnceItsKeyHasExpired(t *testing.T) {
	gateway := lambdaproxy.Gateway{Now: func() time.Time { return anna.ValidUntil }}
	_, err := authenticate(t, gateway, events.APIGatewayProxyRequestContext{Authorizer: lambdaproxy.Context(anna)})
	require.ErrorIs(t, err, keys.ErrExpired)
}

func TestACallerThatTheGatewayDoesNotNameIsRefused(t *testing.T) {
	for name, gateway := range map[string]lambdaproxy.Gateway{"authorizer": {}, "iam": {IAM: true}} {
		t.Run(name, func(t *testing.T) {
			_, err := authenticate(t, gateway, events.APIGatewayProxyRequestContext{})
			var refused *problem.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, http.StatusUnauthorized, refused.Status)
		})
	}
	_, err := lambdaproxy.Gateway{}.Authenticate((&http.Request{}).WithContext(t.Context()))
	require.ErrorIs(t, err, auth.ErrMissing, "a request that came another way")
}

func TestAnIAMCallerIsNotTakenFromTheAuthorizer(t *testing.T) {
	got, err := authenticate(t, lambdaproxy.Gateway{IAM: true}, events.APIGatewayProxyRequestContext{
		Authorizer: lambdaproxy.Context(anna),
		Identity:   events.APIGatewayRequestIdentity{UserArn: "arn:aws:sts::123456789012:assumed-role/Batch/x"},
	})
	require.NoError(t, err)
	require.Equal(t, "123456789012.role.Batch", got.Tenant)
}

type tokens struct {
	identity keys.Identity
	err      error
}

func (s tokens) Authenticate(context.Context, string) (keys.Identity, error) {
	return s.identity, s.err
}

func TestTheAuthorizersAnswer(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:abc123/live/GET/v1/jobs/7"
	const secret = "tdm_aaaaaaaaaaaaaaaa.supersecretsupersecret"
	bearer := map[string]string{"authorization": "Bearer " + secret}
	tests := map[string]struct {
		tokens  tokens
		headers map[string]string
		err     string
		log     string
	}{
		"a good key opens the whole stage":           {tokens{identity: anna}, bearer, "", ""},
		"a bad key is a 401":                         {tokens{err: keys.ErrUnknown}, bearer, "Unauthorized", "unknown key"},
		"no key is a 401":                            {tokens{identity: anna}, nil, "Unauthorized", "no bearer token"},
		"an outage is a 500, which nobody remembers": {tokens{err: errors.New("throttled")}, bearer, "judging a caller: throttled", "throttled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			authorizer := lambdaproxy.Authorizer{Tokens: test.tokens, Log: slog.New(slog.NewJSONHandler(&logged, nil))}
			got, err := authorizer.Handle(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{MethodArn: arn, Headers: test.headers})
			require.Contains(t, logged.String(), test.log)
			require.NotContains(t, logged.String(), "supersecret")
			if test.err != "" {
				require.EqualError(t, err, test.err)
				require.Empty(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{"arn:aws:execute-api:us-east-1:123456789012:abc123/live/*"}, got.PolicyDocument.Statement[0].Resource)
			require.Equal(t, "Allow", got.PolicyDocument.Statement[0].Effect)
			require.Equal(t, "acme", got.Context["tenant"])
			require.Equal(t, "k-1", got.PrincipalID)
		})
	}
}
