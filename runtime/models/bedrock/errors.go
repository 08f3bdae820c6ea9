package bedrock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/eventstream"

	"tandem/runtime/models"
	"tandem/runtime/models/upstream"
)

// statuses of Bedrock's errors where they differ from what the router should
// make of them, and of those that come in a stream and have none
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, 2026-11-24).
var statuses = map[string]int{
	"ThrottlingException":           http.StatusTooManyRequests,
	"ServiceQuotaExceededException": http.StatusTooManyRequests,
	"ModelNotReadyException":        http.StatusServiceUnavailable,
	"ModelTimeoutException":         http.StatusGatewayTimeout,
	"ModelErrorException":           http.StatusBadGateway, // 424: the model failed, not the caller
	"ModelStreamErrorException":     http.StatusBadGateway,
	"InternalServerException":       http.StatusInternalServerError,
	"ServiceUnavailableException":   http.StatusServiceUnavailable,
	"ValidationException":           http.StatusBadRequest,
	"AccessDeniedException":         http.StatusForbidden,
	"ResourceNotFoundException":     http.StatusNotFound,
}

// understood makes a *models.Error of what Bedrock answered, and leaves
// connections that failed as they are.
func understood(operation string, err error) error {
	var answered smithy.APIError
	var response *awshttp.ResponseError
	hasResponse := errors.As(err, &response) && response.Response != nil
	if !errors.As(err, &answered) {
		if hasResponse && response.HTTPStatusCode() >= 400 { // a load balancer's page
			return upstream.ReadError(response.HTTPStatusCode(), response.Response.Header, nil, time.Now())
		}
		if notItsLanguage(err) {
			return upstream.Malformed(err)
		}
		return fmt.Errorf("calling %s: %w", operation, err)
	}
	result := &models.Error{Message: answered.ErrorMessage(), Code: answered.ErrorCode(), Type: models.TypeServer}
	if hasResponse {
		result.Status = response.HTTPStatusCode()
		result.RetryAfter = upstream.RetryAfter(response.Response.Header, time.Now())
	}
	if status, found := statuses[answered.ErrorCode()]; found {
		result.Status = status
	}
	if result.Status < 400 {
		result.Status = http.StatusBadGateway
	}
	if result.Status < 500 && result.Status != http.StatusTooManyRequests {
		result.Type = models.TypeInvalidRequest
	}
	if result.Message == "" {
		result.Message = fmt.Sprintf("Amazon Bedrock answered with status %d.", result.Status)
	}
	return result
}

// notItsLanguage tells answers that are none from connections that broke.
func notItsLanguage(err error) bool {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) {
		return false
	}
	var wrong *smithy.DeserializationError
	var checksum eventstream.ChecksumError
	var length eventstream.LengthError
	return errors.As(err, &wrong) || errors.As(err, &checksum) || errors.As(err, &length)
}
