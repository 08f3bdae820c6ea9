package cloud

import (
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
)

func TestAnAPIIsReachedWhereItsStackSaysOrAtTheEmulator(t *testing.T) {
	const said = "https://abc123.execute-api.us-east-1.amazonaws.com/v1/"
	require.Equal(t, said, FromConfig(aws.Config{}).URL(said))
	emulator := FromConfig(aws.Config{BaseEndpoint: aws.String("http://127.0.0.1:4566/")})
	require.Equal(t, "http://127.0.0.1:4566/restapis/abc123/v1/_user_request_", emulator.URL(said))
	for _, own := range []string{"https://api.example.com/", "", "https://abc123.execute-api.us-east-1.amazonaws.com/", "::"} {
		require.Equal(t, own, emulator.URL(own))
	}
}

func TestWhatAWSRefusesIsExplained(t *testing.T) {
	call := func(code string) error {
		return fmt.Errorf("listing: %w", &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "Query",
			Err: &smithy.GenericAPIError{Code: code, Message: "no"}})
	}
	offline := &smithy.OperationError{ServiceID: "STS", OperationName: "GetCallerIdentity", Err: &net.DNSError{Err: "no such host"}}
	for name, c := range map[string]struct {
		err  error
		code int
		says string
	}{
		"a missing permission": {call("AccessDeniedException"), exit.Refused, "ask for the permission"},
		"an old session":       {call("ExpiredToken"), exit.Refused, "sign in again"},
		"too many calls":       {call("ThrottlingException"), exit.Unavailable, "no"},
		"no network":           {offline, exit.Unavailable, "reachable"},
		"anything else of AWS": {call("ValidationException"), exit.Failed, "no"},
		"anything else":        {errors.New("broken"), exit.Failed, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			explained := Explain(c.err)
			require.ErrorIs(t, explained, c.err)
			require.Equal(t, c.code, exit.Code(explained))
			require.ErrorContains(t, explained, c.says)
		})
	}
	require.NoError(t, Explain(nil))
	require.True(t, Denied(call("UnauthorizedOperation")))
	require.False(t, Denied(call("Throttling")))
	require.False(t, Denied(errors.New("x")))
}
