// Authorizer tells API Gateway whose key or token a request carries.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"tandem/runtime/functions/internal/start"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/auth/jwt"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/keys"
	"tandem/runtime/keys/dynamostore"
	"tandem/runtime/settings"
)

func main() {
	s := start.Settings[settings.Authorizer]()
	lambda.Start(lambdaproxy.Authorizer{Tokens: tokens(s), Log: start.Logger(s.Log)}.Handle)
}

func tokens(s settings.Authorizer) auth.Tokens {
	if s.JWTIssuer != "" {
		return jwt.New(jwt.Options{Issuer: s.JWTIssuer, Audience: s.JWTAudience, TenantClaim: s.JWTTenantClaim})
	}
	return keys.Authenticator{Keys: dynamostore.New(dynamodb.NewFromConfig(start.AWS()), s.Table)}
}
