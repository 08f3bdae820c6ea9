package httpapi_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/constructs/httpapi"
	"tandem/runtime/settings"
)

func function(t *testing.T, stack awscdk.Stack, id string) *gofunction.Function {
	return gofunction.New(stack, id, &gofunction.Props{
		Program: "jobsapi", Description: "Answers", Settings: settings.Authorizer{Table: "state"},
		Bundle: gofunction.Placeholder{Folder: t.TempDir()},
	})
}

func props(t *testing.T, stack awscdk.Stack) *httpapi.Props {
	answers := function(t, stack, "Answers").Function()
	return &httpapi.Props{
		Description: "test",
		Authorizer:  function(t, stack, "Authorizer").Function(),
		Routes: []httpapi.Route{
			{Method: "GET", Path: "/healthz", Function: answers, Public: true},
			{Method: "POST", Path: "/v1/jobs", Function: answers},
			{Method: "GET", Path: "/v1/jobs/{id}/events", Function: answers, Stream: true},
		},
	}
}

func TestOnlyPublicRoutesAreOpen(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	methods := template.All("AWS::ApiGateway::Method")
	require.Len(t, methods, 3)
	kinds := map[any]int{}
	for _, method := range methods {
		kinds[method.Properties["AuthorizationType"]]++
	}
	require.Equal(t, map[any]int{"NONE": 1, "CUSTOM": 2}, kinds)
	constructstest.RequireNoFindings(t, stack)
}

func TestARouteStreamsForAQuarterOfAnHourAndTheOthersEndBefore30Seconds(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	for _, method := range constructstest.Template(t, stack).All("AWS::ApiGateway::Method") {
		integration := method.Properties["Integration"].(map[string]any)
		if integration["ResponseTransferMode"] == "STREAM" {
			require.EqualValues(t, 900_000, integration["TimeoutInMillis"])
			require.Contains(t, constructstest.Text(t, integration["Uri"]), "response-streaming-invocations")
			continue
		}
		require.EqualValues(t, 29_000, integration["TimeoutInMillis"])
	}
}

func TestAFunctionIsPermittedOnceForTheWholeAPI(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	require.Len(t, constructstest.Template(t, stack).All("AWS::Lambda::Permission"), 2, "the function behind the routes and the authorizer")
}

func TestAnAuthorizersAnswerIsCachedByTheAuthorizationHeader(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	authorizer := constructstest.Template(t, stack).One(t, "AWS::ApiGateway::Authorizer")
	require.Equal(t, "method.request.header.Authorization", authorizer.Properties["IdentitySource"])
	require.EqualValues(t, 60, authorizer.Properties["AuthorizerResultTtlInSeconds"])
}

func TestTheAccountsSettingSurvivesTheEnvironment(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	template := constructstest.Template(t, stack)
	require.Equal(t, "Retain", template.One(t, "AWS::ApiGateway::Account").DeletionPolicy)
	for _, role := range template.All("AWS::IAM::Role") {
		if regexp.MustCompile("CloudWatchRole").MatchString(role.ID) {
			require.Equal(t, "Retain", role.DeletionPolicy)
		}
	}
}

func TestWhatAPIGatewayAnswersItselfIsAProblemDocument(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	responses := constructstest.Template(t, stack).All("AWS::ApiGateway::GatewayResponse")
	require.Len(t, responses, 11)
	variable := regexp.MustCompile(`"?\$context\.[A-Za-z.]+"?`)
	for _, response := range responses {
		require.Equal(t, "'application/problem+json'", constructstest.At(t, response.Properties, "ResponseParameters", "gatewayresponse.header.Content-Type"))
		body := constructstest.At(t, response.Properties, "ResponseTemplates", "application/json").(string)
		require.True(t, json.Valid([]byte(variable.ReplaceAllString(body, `"x"`))), body)
	}
}

func TestTheAccessLogHasNoHeadersAndIsJSON(t *testing.T) {
	stack := constructstest.Stack(t)
	httpapi.New(stack, "Api", props(t, stack))
	stage := constructstest.Template(t, stack).One(t, "AWS::ApiGateway::Stage")
	format := constructstest.At(t, stage.Properties, "AccessLogSetting", "Format").(string)
	require.True(t, json.Valid([]byte(format)))
	require.NotContains(t, format, "header")
	require.NotContains(t, format, "querystring")
}

func TestADomainAndAFirewallAreChoices(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t, stack)
	p.WAF = true
	p.Domain = &httpapi.Domain{Name: "api.example.com", CertificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/x", HostedZoneID: "Z1"}
	api := httpapi.New(stack, "Api", p)
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	require.Equal(t, "https://api.example.com/", api.URL())
	require.Equal(t, "TLS_1_2", template.One(t, "AWS::ApiGateway::DomainName").Properties["SecurityPolicy"])
	template.One(t, "AWS::Route53::RecordSet")
	template.One(t, "AWS::WAFv2::WebACLAssociation")
	require.Len(t, template.One(t, "AWS::WAFv2::WebACL").Properties["Rules"], 4)
	constructstest.RequireNoFindings(t, stack)
}

func TestIAMNeedsNoAuthorizer(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t, stack)
	p.Authentication, p.Authorizer = httpapi.IAM, nil
	httpapi.New(stack, "Api", p)
	template := constructstest.Template(t, stack)
	require.Empty(t, template.All("AWS::ApiGateway::Authorizer"))
	template.HasResourceProperties(jsii.String("AWS::ApiGateway::Method"), map[string]any{"AuthorizationType": "AWS_IAM"})
}

func TestAnAuthorizerIsRequiredForKeys(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t, stack)
	p.Authorizer = nil
	require.PanicsWithValue(t, "Test/Api: httpapi.Props.Authorizer is required with LambdaAuthorizer", func() {
		httpapi.New(stack, "Api", p)
	})
}
