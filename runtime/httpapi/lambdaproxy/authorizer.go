package lambdaproxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/httpapi/auth"
)

// Authorizer is a REQUEST authorizer. API Gateway remembers its answer by the
// Authorization header, so the policy covers the whole stage: one that named
// the method at hand would refuse the next.
type Authorizer struct {
	// Tokens judges the caller's token. Required.
	Tokens auth.Tokens
	// Log is required.
	Log *slog.Logger
}

// errUnauthorized has the text that makes API Gateway answer with a 401
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html, 2026-11-24).
var errUnauthorized = errors.New("Unauthorized")

// Handle answers one event; it is what lambda.Start wants.
func (a Authorizer) Handle(ctx context.Context, event events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	log := a.Log.With("request", event.RequestContext.RequestID, "ip", event.RequestContext.Identity.SourceIP)
	token, err := auth.Token(authorization(event))
	if err != nil {
		log.InfoContext(ctx, "caller refused", "reason", err.Error())
		return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
	}
	identity, err := a.Tokens.Authenticate(ctx, token)
	switch {
	case err != nil && auth.CallersFault(err):
		log.InfoContext(ctx, "caller refused", "reason", err.Error())
		return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
	case err != nil:
		log.ErrorContext(ctx, "caller not judged", "error", err.Error())
		return events.APIGatewayCustomAuthorizerResponse{}, fmt.Errorf("judging a caller: %w", err)
	}
	stage, err := stageARN(event.MethodArn)
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: identity.KeyID,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version:   "2012-10-17",
			Statement: []events.IAMPolicyStatement{{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{stage + "/*"}}},
		},
		Context: Context(identity),
	}, nil
}

func authorization(event events.APIGatewayCustomAuthorizerRequestTypeRequest) []string {
	for name, values := range event.MultiValueHeaders {
		if strings.EqualFold(name, "Authorization") && len(values) > 0 {
			return values
		}
	}
	for name, value := range event.Headers {
		if strings.EqualFold(name, "Authorization") {
			return []string{value}
		}
	}
	return nil
}

// stageARN cuts arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path> after the stage.
func stageARN(method string) (string, error) {
	parts := strings.SplitN(method, "/", 3)
	if len(parts) < 3 {
		return "", fmt.Errorf("method ARN %q has no stage and method", method)
	}
	return parts[0] + "/" + parts[1], nil
}
