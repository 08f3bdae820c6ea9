package main

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/keys"
	keystore "tandem/runtime/keys/dynamostore"
	"tandem/runtime/settings"
	"tandem/test/emulator"
)

// TestTheBuiltAuthorizerJudgesKeys runs the function beside an emulator.
func TestTheBuiltAuthorizerJudgesKeys(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	client := dynamodb.NewFromConfig(local.Config())
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, "state"))
	store := keystore.New(client, "state")
	token, key, err := keys.Issue(t.Context(), store, keys.Request{Tenant: "acme", Rate: 5}, time.Now(), rand.Reader)
	require.NoError(t, err)

	environment := settings.Encode(settings.Authorizer{Table: "state"})
	for _, entry := range local.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environment[name] = value
	}
	function := runtimetest.Start(t, runtimetest.Build(t, "."), environment)
	judge := func(bearer string) (string, bool) {
		answer := function.Invoke(t, events.APIGatewayCustomAuthorizerRequestTypeRequest{
			MethodArn: "arn:aws:execute-api:us-east-1:123456789012:abc/live/GET/v1/jobs",
			Headers:   map[string]string{"Authorization": "Bearer " + bearer},
		}, 10*time.Second)
		defer answer.Close()
		raw, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(raw), answer.Error
	}
	raw, failed := judge(token.Reveal())
	require.False(t, failed, raw)
	var allowed events.APIGatewayCustomAuthorizerResponse
	require.NoError(t, json.Unmarshal([]byte(raw), &allowed))
	require.Equal(t, keys.Identity{Tenant: "acme", KeyID: key.ID, Scopes: keys.CallerScopes(), Rate: 5}, lambdaproxy.Identity(allowed.Context))

	require.NoError(t, store.Revoke(t.Context(), key.ID, time.Now()))
	raw, failed = judge(token.Reveal())
	require.True(t, failed)
	require.Contains(t, raw, `"errorMessage":"Unauthorized"`)
	require.NotContains(t, function.Logs(), token.Reveal())
}
