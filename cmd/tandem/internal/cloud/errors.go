package cloud

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"tandem/cmd/tandem/internal/exit"
)

// Denied reports whether AWS refused a call for the lack of a permission.
func Denied(err error) bool {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.ErrorCode() {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "AuthFailure":
		return true
	default:
		return false
	}
}

// Explain adds what to do to an error of AWS's, and its exit code; any other
// error stays as it is.
func Explain(err error) error {
	var refused smithy.APIError
	var unreachable net.Error
	switch {
	case err == nil:
		return nil
	case Denied(err):
		return exit.With(exit.Refused, fmt.Errorf("%w; ask for the permission that is named, or use other credentials (AWS_PROFILE)", err))
	case errors.As(err, &refused) && stale(refused.ErrorCode()):
		return exit.With(exit.Refused, fmt.Errorf("%w; sign in again ('aws sso login'), or use other credentials (AWS_PROFILE)", err))
	case errors.As(err, &refused) && strings.Contains(refused.ErrorCode(), "Throttl"):
		return exit.With(exit.Unavailable, err)
	case errors.As(err, &unreachable) && isAWS(err):
		return exit.With(exit.Unavailable, fmt.Errorf("%w; is the region right, and AWS reachable from here?", err))
	default:
		return err
	}
}

func isAWS(err error) bool {
	var operation *smithy.OperationError
	return errors.As(err, &operation)
}

// stale tells codes by which AWS says that the credentials are not good any more.
func stale(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "InvalidToken",
		"UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException":
		return true
	default:
		return false
	}
}
