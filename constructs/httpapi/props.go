package httpapi

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// Authentication is how API Gateway asks who a caller is.
type Authentication string

const (
	// LambdaAuthorizer asks a function, whose answer is cached: bearer keys and JWTs.
	LambdaAuthorizer Authentication = "lambda"
	// IAM takes requests signed with SigV4.
	IAM Authentication = "iam"
)

// Route is one method of one path.
type Route struct {
	// Method, such as POST.
	//
	// Required.
	Method string
	// Path, such as /v1/jobs/{id}.
	//
	// Required.
	Path string
	// Function that answers.
	//
	// Required.
	Function awslambda.IFunction
	// Stream passes the answer on as it comes, for up to 15 minutes.
	//
	// Default: false, the whole answer within 29 s.
	Stream bool
	// Timeout of the integration: up to 29 s, or 15 minutes where it streams
	// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, 2026-11-24).
	//
	// Default: 29 seconds, 15 minutes where it streams.
	Timeout awscdk.Duration
	// Public needs no authentication.
	//
	// Default: false.
	Public bool
}

// Domain is a custom domain name.
type Domain struct {
	// Name, such as api.example.com.
	//
	// Required.
	Name string
	// CertificateARN of a certificate in the same region.
	//
	// Required.
	CertificateARN string
	// HostedZoneID in which an alias record is written, and the zone's name.
	//
	// Default: - the record is yours to make.
	HostedZoneID string
}

// Props of an [HTTPAPI].
type Props struct {
	// Description shown in the console.
	//
	// Required.
	Description string
	// Routes that the API has; what is not listed is a 404.
	//
	// Required.
	Routes []Route
	// Authentication of every route that is not public.
	//
	// Default: LambdaAuthorizer.
	Authentication Authentication
	// Authorizer is the function that LambdaAuthorizer asks.
	//
	// Required with LambdaAuthorizer.
	Authorizer awslambda.IFunction
	// AuthorizerCache is how long an answer is remembered; a revoked key works that long.
	//
	// Default: 1 minute.
	AuthorizerCache awscdk.Duration
	// Stage is the first part of the path.
	//
	// Default: live.
	Stage string
	// RateLimit in requests a second, of all callers together.
	//
	// Default: 100.
	RateLimit float64
	// BurstLimit in requests.
	//
	// Default: 200.
	BurstLimit float64
	// Domain serves the API under a name of your own.
	//
	// Default: - the generated name.
	Domain *Domain
	// WAF puts AWS's managed rules and a limit by address before the API.
	//
	// Default: false.
	WAF bool
	// LogRetention of the access log.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
	// Tracing sends traces to X-Ray.
	//
	// Default: false.
	Tracing bool
}
