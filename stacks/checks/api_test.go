package checks_test

import "testing"

const api = `
Api:
  Resources:
    Api: {Type: AWS::ApiGateway::RestApi, Properties: {EndpointConfiguration: {Types: [REGIONAL]}}}
    Function: {Type: AWS::Lambda::Function, Properties: {Timeout: 900}}
    Post:
      Type: AWS::ApiGateway::Method
      Properties:
        RestApiId: {Ref: Api}
        Integration:
          Type: AWS_PROXY
          TimeoutInMillis: 29000
          Uri: {Fn::Join: ["", ["arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/", {Fn::GetAtt: [Function, Arn]}, /invocations]]}
    Stream:
      Type: AWS::ApiGateway::Method
      Properties:
        RestApiId: {Ref: Api}
        Integration:
          Type: AWS_PROXY
          ResponseTransferMode: STREAM
          TimeoutInMillis: 900000
          Uri: {Fn::Sub: "arn:aws:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Function.Arn}/response-streaming-invocations"}
    Account: {Type: AWS::ApiGateway::Account, DeletionPolicy: Retain}
`

func TestRestTimeout(t *testing.T) {
	judge(t, "rest-timeout", api,
		edit{"more than 29 s without streaming is found", "TimeoutInMillis: 29000", "TimeoutInMillis: 30000", "Api/Post", "an integration timeout of 30 s", false},
		edit{"a function that ends before its integration is found", "{Timeout: 900}", "{Timeout: 60}", "Api/Stream", "which ends after 60 s", false},
	)
	judge(t, "rest-timeout", replace(t, api, "Timeout: 900}", "Timeout: 1000}"),
		edit{"a stream of more than 15 minutes is found", "TimeoutInMillis: 900000", "TimeoutInMillis: 900001", "Api/Stream", "900 s at most", false})
}

func TestRestStreaming(t *testing.T) {
	judge(t, "rest-streaming", api,
		edit{"streaming by the buffered path is found", "/response-streaming-invocations", "/invocations", "Api/Stream", "a URI that ends in /invocations", false},
		edit{"the path for streaming without the mode is found", ", /invocations]]}", ", /response-streaming-invocations]]}", "Api/Post", "without ResponseTransferMode STREAM", false},
		edit{"streaming without a proxy is found", "Type: AWS_PROXY\n          ResponseTransferMode", "Type: MOCK\n          ResponseTransferMode", "Api/Stream", "type MOCK", false},
		edit{"an edge-optimised endpoint is a warning", "[REGIONAL]", "[EDGE]", "Api/Api", "an edge-optimised endpoint", true},
		edit{"an endpoint of no type is edge-optimised", "{EndpointConfiguration: {Types: [REGIONAL]}}", "{}", "Api/Api", "an edge-optimised endpoint", true},
	)
}

func TestAPIAccountRetained(t *testing.T) {
	judge(t, "api-account-retained", api,
		edit{"an account that goes with its stack is found", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "Api/Account", "DeletionPolicy Delete", false},
		edit{"an account that says nothing is found", ", DeletionPolicy: Retain", "", "Api/Account", "DeletionPolicy nothing", false},
		edit{"a second one is found", "    Account:", "    First: {Type: AWS::ApiGateway::Account, DeletionPolicy: Retain}\n    Account:", "Api/First", "a second AWS::ApiGateway::Account", false},
	)
}
