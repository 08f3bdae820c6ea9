package awscloud_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act/awscloud"
)

func TestCredentialsAreThoseOfTheEnvironment(t *testing.T) {
	config, err := awscloud.Config([]string{"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token", "AWS_ENDPOINT_URL=http://127.0.0.1:4566"})
	require.NoError(t, err)
	require.Equal(t, "us-east-1", config.Region)
	require.Equal(t, "http://127.0.0.1:4566", *config.BaseEndpoint)
	found, err := config.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"key", "secret", "token"}, []string{found.AccessKeyID, found.SecretAccessKey, found.SessionToken})
}

func TestATaskRolesCredentialsAreAskedFor(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "let me" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"AccessKeyId": "key", "SecretAccessKey": "secret", "Token": "token", "Expiration": "2126-11-24T00:00:00Z"}`))
	}))
	defer server.Close()
	config, err := awscloud.Config([]string{"AWS_DEFAULT_REGION=eu-west-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + server.URL + "/role", "AWS_CONTAINER_AUTHORIZATION_TOKEN=let me"})
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", config.Region)
	found, err := config.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token", found.SessionToken)
}

func TestOnAnInstanceWithoutATaskTheInstancesRoleIsTaken(t *testing.T) {
	config, err := awscloud.Config([]string{"AWS_REGION=us-east-1"})
	require.NoError(t, err)
	require.NotNil(t, config.Credentials)
	config, err = awscloud.Config([]string{"AWS_REGION=us-east-1", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/1"})
	require.NoError(t, err)
	require.NotNil(t, config.Credentials)
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	for want, environ := range map[string][]string{
		"set AWS_REGION":         {"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret"},
		"only one of AWS_ACCESS": {"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=key"},
		"which is no path":       {"AWS_REGION=us-east-1", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=http://elsewhere"},
	} {
		_, err := awscloud.Config(environ)
		require.ErrorContains(t, err, want)
	}
}
