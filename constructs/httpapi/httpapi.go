// Package httpapi is the regional REST API in front of the functions: routes,
// streaming, authentication, throttling, access logs, error shapes and, by
// choice, a domain and a web application firewall. What a route answers is
// decided in runtime/httpapi.
package httpapi

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// HTTPAPI is the API that clients see.
type HTTPAPI struct {
	construct constructs.Construct
	api       awsapigateway.RestApi
	logs      awslogs.LogGroup
	url       string
}

// New creates the API and deploys it to its stage.
func New(scope constructs.Construct, id string, props *Props) *HTTPAPI {
	this := constructs.NewConstruct(scope, &id)
	if props.Authentication == "" {
		props.Authentication = LambdaAuthorizer
	}
	if props.Authentication == LambdaAuthorizer && props.Authorizer == nil {
		panic(*this.Node().Path() + ": httpapi.Props.Authorizer is required with LambdaAuthorizer")
	}
	if len(props.Routes) == 0 {
		panic(*this.Node().Path() + ": httpapi.Props.Routes is required")
	}
	logs := awslogs.NewLogGroup(this, jsii.String("AccessLog"), &awslogs.LogGroupProps{
		Retention:     orDefault(props.LogRetention, awslogs.RetentionDays_ONE_MONTH),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	api := awsapigateway.NewRestApi(this, jsii.String("Api"), &awsapigateway.RestApiProps{
		Description:   &props.Description,
		EndpointTypes: &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
		// One account setting a region: it must survive the deletion of whichever environment made it.
		CloudWatchRole:              jsii.Bool(true),
		CloudWatchRoleRemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		DeployOptions:               stage(props, logs),
		// Bodies up to 10 MB pass as they are.
		BinaryMediaTypes: jsii.Strings("application/octet-stream", "application/pdf"),
	})
	thing := &HTTPAPI{construct: this, api: api, logs: logs}
	thing.addRoutes(props)
	thing.addErrorShapes()
	thing.url = *api.Url()
	if props.Domain != nil {
		thing.addDomain(props.Domain)
	}
	if props.WAF {
		thing.addWAF()
	}
	thing.accept(props)
	return thing
}

func stage(props *Props, logs awslogs.LogGroup) *awsapigateway.StageOptions {
	return &awsapigateway.StageOptions{
		StageName:            jsii.String(orDefault(props.Stage, "live")),
		ThrottlingRateLimit:  jsii.Number(orDefault(props.RateLimit, 100)),
		ThrottlingBurstLimit: jsii.Number(orDefault(props.BurstLimit, 200)),
		LoggingLevel:         awsapigateway.MethodLoggingLevel_ERROR,
		MetricsEnabled:       jsii.Bool(true),
		TracingEnabled:       jsii.Bool(props.Tracing),
		AccessLogDestination: awsapigateway.NewLogGroupLogDestination(logs),
		AccessLogFormat:      awsapigateway.AccessLogFormat_Custom(jsii.String(accessLog)),
	}
}

// accessLog tells who asked for what and where the time went. It has no
// header and no query, which may carry secrets.
const accessLog = `{"time":"$context.requestTimeEpoch","requestId":"$context.requestId","method":"$context.httpMethod",` +
	`"path":"$context.resourcePath","status":"$context.status","latencyMs":"$context.responseLatency",` +
	`"integrationMs":"$context.integrationLatency","bytes":"$context.responseLength","ip":"$context.identity.sourceIp",` +
	`"tenant":"$context.authorizer.tenant","keyId":"$context.authorizer.keyId","error":"$context.error.message",` +
	`"integrationError":"$context.integrationErrorMessage"}`

func (h *HTTPAPI) addRoutes(props *Props) {
	protected := h.methodOptions(props)
	made := map[Route]awsapigateway.LambdaIntegration{}
	root := h.api.Root()
	for _, route := range props.Routes {
		options := protected
		if route.Public {
			options = &awsapigateway.MethodOptions{AuthorizationType: awsapigateway.AuthorizationType_NONE}
		}
		// Routes that differ in nothing else share what leads to their function.
		way := Route{Function: route.Function, Stream: route.Stream, Timeout: route.Timeout}
		if made[way] == nil {
			made[way] = integration(way)
		}
		root.ResourceForPath(&route.Path).AddMethod(&route.Method, made[way], options)
	}
}

func (h *HTTPAPI) methodOptions(props *Props) *awsapigateway.MethodOptions {
	if props.Authentication == IAM {
		return &awsapigateway.MethodOptions{AuthorizationType: awsapigateway.AuthorizationType_IAM}
	}
	return &awsapigateway.MethodOptions{
		AuthorizationType: awsapigateway.AuthorizationType_CUSTOM,
		Authorizer: awsapigateway.NewRequestAuthorizer(h.construct, jsii.String("Authorizer"), &awsapigateway.RequestAuthorizerProps{
			Handler:         props.Authorizer,
			IdentitySources: jsii.Strings(*awsapigateway.IdentitySource_Header(jsii.String("Authorization"))),
			ResultsCacheTtl: orDefault(props.AuthorizerCache, awscdk.Duration_Minutes(jsii.Number(1))),
		}),
	}
}

func integration(route Route) awsapigateway.LambdaIntegration {
	options := &awsapigateway.LambdaIntegrationOptions{
		Proxy:   jsii.Bool(true),
		Timeout: route.Timeout,
		// One permission for the whole API, or a policy of 20 KB fills up.
		ScopePermissionToMethod: jsii.Bool(false),
	}
	if route.Stream {
		options.ResponseTransferMode = awsapigateway.ResponseTransferMode_STREAM
	}
	switch {
	case route.Timeout != nil:
	case route.Stream:
		options.Timeout = awscdk.Duration_Minutes(jsii.Number(15))
	default:
		options.Timeout = awscdk.Duration_Seconds(jsii.Number(29))
	}
	return awsapigateway.NewLambdaIntegration(route.Function, options)
}

func (h *HTTPAPI) accept(props *Props) {
	accepted.OnEach(h.construct, func(resource awscdk.CfnResource) []accepted.Finding {
		switch resource.(type) {
		case awsapigateway.CfnRestApi:
			return []accepted.Finding{{Rule: "AwsSolutions-APIG2",
				Reason: "The handlers check each request against openapi.yaml and name the field that is wrong; API Gateway would only say 'bad request'."}}
		case awsapigateway.CfnMethod:
			const public = "Only /healthz and /openapi.yaml are public; every other route asks the authorizer."
			return []accepted.Finding{
				{Rule: "AwsSolutions-APIG4", Reason: public},
				{Rule: "AwsSolutions-COG4", Reason: "Callers are programs with bearer keys, tokens or IAM roles, not users of a Cognito pool."},
				{Rule: "CKV_AWS_59", Reason: public},
			}
		case awsapigateway.CfnStage:
			return acceptedOfStage(props)
		case awsiam.CfnRole:
			return []accepted.Finding{{Rule: "AwsSolutions-IAM4", Reason: "API Gateway's account role needs AWS's managed policy to write logs.",
				AppliesTo: []string{"Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}}}
		case awslogs.CfnLogGroup:
			return []accepted.Finding{{Rule: "CKV_AWS_158", Reason: "The access log holds no payloads or secrets; CloudWatch encrypts it with its own key."}}
		default:
			return nil
		}
	})
}

func acceptedOfStage(props *Props) []accepted.Finding {
	findings := []accepted.Finding{{Rule: "CKV_AWS_120",
		Reason: "Answers belong to one tenant and change from second to second; a cache would cost 14 USD a month and serve stale states."}}
	if !props.WAF {
		findings = append(findings, accepted.Finding{Rule: "AwsSolutions-APIG3", Reason: "Callers need a key and are throttled by tenant; api.waf adds a firewall."})
	}
	if !props.Tracing {
		findings = append(findings, accepted.Finding{Rule: "CKV_AWS_73", Reason: "Traces cost by request; observability.tracing turns them on."})
	}
	return findings
}
