package query_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/doctor/awsaccount/query"
)

var iam = query.Service{Name: "iam", Version: "2010-05-08", Global: true}

// serve answers every request in one way, and shows what it was asked.
func serve(t *testing.T, status int, answer string) (aws.Config, *http.Request) {
	t.Helper()
	var asked http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = *r
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "session")}, &asked
}

func TestACallIsSignedAndItsAnswerDecoded(t *testing.T) {
	config, asked := serve(t, http.StatusOK, `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Arn>arn:x</Arn></Role></GetRoleResult></GetRoleResponse>`)
	var answer struct {
		Arn string `xml:"GetRoleResult>Role>Arn"`
	}
	require.NoError(t, query.Call(t.Context(), config, iam, "GetRole", url.Values{"RoleName": {"a b"}}, &answer))
	require.Equal(t, "arn:x", answer.Arn)
	require.Equal(t, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"a b"}}, asked.PostForm)
	require.Regexp(t, `^AWS4-HMAC-SHA256 Credential=AKID/\d{8}/us-east-1/iam/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$`, asked.Header.Get("Authorization"))
	require.Equal(t, "session", asked.Header.Get("X-Amz-Security-Token"))
}

func TestWhatAServiceRefusesKeepsItsCode(t *testing.T) {
	for name, test := range map[string]struct {
		status            int
		body, code, words string
	}{
		"as EC2 says it":       {400, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`, "UnauthorizedOperation", "no"},
		"as IAM says it":       {404, `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>`, "NoSuchEntity", "none"},
		"as a gateway says it": {502, `<html>bad gateway`, "502", "Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			config, _ := serve(t, test.status, test.body)
			err := query.Call(t.Context(), config, iam, "GetRole", nil, nil)
			var refused smithy.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, test.code, refused.ErrorCode())
			require.Equal(t, test.words, refused.ErrorMessage())
		})
	}
	config, _ := serve(t, http.StatusOK, "not XML")
	require.ErrorContains(t, query.Call(t.Context(), config, iam, "GetRole", nil, &struct{}{}), "reading the answer")
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errNone })
	require.ErrorIs(t, query.Call(t.Context(), config, iam, "GetRole", nil, nil), errNone)
}

var errNone = errors.New("no credentials")
