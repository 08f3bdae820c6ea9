package httpapi

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// addErrorShapes makes what API Gateway itself answers a problem document
// (RFC 9457) that is an error in OpenAI's shape too: these answers are of the
// whole API, and clients of either kind read what they know.
func (h *HTTPAPI) addErrorShapes() {
	for _, shape := range []struct {
		id     string
		kind   awsapigateway.ResponseType
		status int
		title  string
		header map[string]string
	}{
		{"Unauthorized", awsapigateway.ResponseType_UNAUTHORIZED(), 401, "no valid credentials", map[string]string{"WWW-Authenticate": "'Bearer'"}},
		{"Denied", awsapigateway.ResponseType_ACCESS_DENIED(), 403, "these credentials do not allow this", nil},
		{"Signature", awsapigateway.ResponseType_INVALID_SIGNATURE(), 403, "the request's signature is wrong", nil},
		{"NoSuchRoute", awsapigateway.ResponseType_MISSING_AUTHENTICATION_TOKEN(), 404, "no such path or method; /openapi.yaml lists them", nil},
		{"Throttled", awsapigateway.ResponseType_THROTTLED(), 429, "too many requests", map[string]string{"Retry-After": "'1'"}},
		{"TooLarge", awsapigateway.ResponseType_REQUEST_TOO_LARGE(), 413, "the body is too large; ask for an upload slot with POST /v1/uploads", nil},
		{"TimedOut", awsapigateway.ResponseType_INTEGRATION_TIMEOUT(), 504, "no answer in time", nil},
		{"Filtered", awsapigateway.ResponseType_WAF_FILTERED(), 403, "refused by the firewall", nil},
		{"AuthorizerFailed", awsapigateway.ResponseType_AUTHORIZER_FAILURE(), 500, "the authorizer failed", nil},
		{"Client", awsapigateway.ResponseType_DEFAULT_4XX(), 0, "the request was refused", nil},
		{"Server", awsapigateway.ResponseType_DEFAULT_5XX(), 0, "something failed on our side", nil},
	} {
		headers := map[string]*string{"Content-Type": jsii.String("'application/problem+json'")}
		for name, value := range shape.header {
			headers[name] = jsii.String(value)
		}
		status, number := (*string)(nil), "$context.responseOverride.status"
		if shape.status > 0 {
			number = fmt.Sprint(shape.status)
			status = &number
		}
		openai := openaiError(shape.id, shape.status, shape.title)
		body := fmt.Sprintf(`{"type":"about:blank","title":"%s","status":%s,"instance":"$context.requestId","error":%s}`, shape.title, number, openai)
		if shape.status == 0 {
			body = fmt.Sprintf(`{"type":"about:blank","title":"%s","detail":$context.error.messageString,"instance":"$context.requestId","error":%s}`, shape.title, openai)
		}
		h.api.AddGatewayResponse(jsii.String(shape.id), &awsapigateway.GatewayResponseOptions{
			Type:            shape.kind,
			StatusCode:      status,
			ResponseHeaders: &headers,
			Templates:       &map[string]*string{"application/json": jsii.String(body)},
		})
	}
}

// openaiError is an error in OpenAI's shape.
func openaiError(id string, status int, message string) string {
	kind, code := "invalid_request_error", "null"
	switch {
	case status == 401:
		code = `"invalid_api_key"`
	case status == 413:
		code = `"request_too_large"`
	case status == 429:
		kind, code = "rate_limit_error", `"rate_limit_exceeded"`
	case status == 504:
		kind = "timeout_error"
	case status >= 500, id == "Server":
		kind = "server_error"
	}
	return fmt.Sprintf(`{"message":"%s","type":"%s","param":null,"code":%s}`, message, kind, code)
}
