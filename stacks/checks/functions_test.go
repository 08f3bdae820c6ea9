package checks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const courier = `
Workers:
  Resources:
    Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 370, RedrivePolicy: {maxReceiveCount: 5, deadLetterTargetArn: {Fn::GetAtt: [Dead, Arn]}}}}
    Dead: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 43200}}
    Function: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}
    Source:
      Type: AWS::Lambda::EventSourceMapping
      Properties: {EventSourceArn: {Fn::GetAtt: [Queue, Arn]}, FunctionName: {Ref: Function}, MaximumBatchingWindowInSeconds: 10}
`

func TestQueueVisibility(t *testing.T) {
	const queue = "Workers/Queue"
	judge(t, "queue-visibility", courier,
		edit{"less than six timeouts and the window is found", "VisibilityTimeout: 370", "VisibilityTimeout: 369", queue, "370 s or more", false},
		edit{"the queue's default counts", "VisibilityTimeout: 370, ", "", queue, "a visibility timeout of 30 s", false},
		edit{"more than 12 h is found on any queue", "VisibilityTimeout: 43200", "VisibilityTimeout: 43201", "Workers/Dead", "at most 43200 s", false},
	)
}

func TestQueueRedrive(t *testing.T) {
	judge(t, "queue-redrive", courier,
		edit{"fewer than five receives are a warning", "maxReceiveCount: 5", "maxReceiveCount: 4", "Workers/Queue", "maxReceiveCount 4", true},
		edit{"no dead-letter queue is a warning", "RedrivePolicy: {maxReceiveCount: 5, deadLetterTargetArn: {Fn::GetAtt: [Dead, Arn]}}", "DelaySeconds: 0", "Workers/Queue", "no dead-letter queue", true},
	)
}

func TestLambdaLimits(t *testing.T) {
	const function = "Api/Function"
	right := `
Api:
  Name: tandem-prod-api
  Resources:
    Queue: {Type: AWS::SQS::Queue}
    Function:
      Type: AWS::Lambda::Function
      Properties:
        Timeout: 900
        MemorySize: 10240
        EphemeralStorage: {Size: 512}
        Layers: [a, b, c, d, e]
        Description: ` + strings.Repeat("d", 256) + `
        Environment: {Variables: {Url: {Ref: Queue}, Long: ` + strings.Repeat("v", 3950) + `}}
`
	judge(t, "lambda-limits", right,
		edit{"a timeout above 15 minutes is found", "Timeout: 900", "Timeout: 901", function, "a timeout of 901 s", false},
		edit{"memory above 10 GiB is found", "MemorySize: 10240", "MemorySize: 10241", function, "memory of 10241 MiB", false},
		edit{"memory below 128 MiB is found", "MemorySize: 10240", "MemorySize: 64", function, "128 to 10240 MiB", false},
		edit{"too little /tmp is found", "Size: 512", "Size: 511", function, "/tmp of 511 MiB", false},
		edit{"a sixth layer is found", "[a, b, c, d, e]", "[a, b, c, d, e, f]", function, "layers of 6", false},
		edit{"a long description is found", "Description: d", "Description: dd", function, "a description of 257 characters", false},
		edit{"4 KB of variables count what references will be", "Long: v", "Long: " + strings.Repeat("v", 60), function, "most of them in Long", false},
	)
}

func TestReferencesAreCountedAsLongAsTheyWillBe(t *testing.T) {
	// Alone, the variables have some 4,000 bytes; the reference stands for some
	// 100 more, and for no more than its name where that is written.
	template := `
Api:
  Name: tandem-prod-api
  Resources:
    Function: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {A: ` + strings.Repeat("v", 4060) + `, B: {Fn::GetAtt: [Table, Arn]}}}}}
    Table: {Type: AWS::DynamoDB::Table}
`
	require.Len(t, findings(t, "lambda-limits", template), 1)
	require.Empty(t, findings(t, "lambda-limits", replace(t, template, "{Fn::GetAtt: [Table, Arn]}", "short")))
}

const vpcFunction = `
Api:
  Resources:
    Vpc: {Type: AWS::EC2::VPC}
    Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: {Ref: Vpc}}}
    Table: {Type: AWS::EC2::RouteTable}
    Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: {Ref: Subnet}, RouteTableId: {Ref: Table}}}
    Sqs: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.sqs}}
    Dynamo: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: {Ref: Vpc}, RouteTableIds: [{Ref: Table}], ServiceName: com.amazonaws.us-east-1.dynamodb}}
    Role: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: ["sqs:SendMessage", "dynamodb:GetItem", "logs:PutLogEvents"], Resource: x}]}}]}}
    Function:
      Type: AWS::Lambda::Function
      Properties:
        Role: {Fn::GetAtt: [Role, Arn]}
        VpcConfig: {SubnetIds: [{Ref: Subnet}]}
        Environment: {Variables: {TANDEM_MODELS: '{"places":[{"name":"nova","type":"bedrock"},{"name":"llama","type":"service"}],"models":{"m":{"routes":[{"at":0},{"at":1}]}}}'}}
`

func TestVPCFunctionEgress(t *testing.T) {
	const function = "Api/Function"
	judge(t, "vpc-function-egress", vpcFunction,
		edit{"a service without an endpoint is found", "us-east-1.sqs", "us-east-1.sns", function, "without endpoints for sqs", false},
		edit{"a gateway endpoint has to be in the route table", "RouteTableIds: [{Ref: Table}]", "RouteTableIds: []", function, "without endpoints for dynamodb", false},
		edit{"an endpoint of another VPC is none", "VpcEndpointType: Interface, VpcId: {Ref: Vpc}", "VpcEndpointType: Interface, VpcId: {Ref: Other}", function, "without endpoints for sqs", false},
		edit{"a provider outside AWS is found", `"type":"bedrock"`, `"type":"openai"`, function, "the provider nova outside AWS", false},
		edit{"an internet gateway is no way out", "us-east-1.sqs}}", "us-east-1.sns}}\n    R: {Type: AWS::EC2::Route, Properties: {RouteTableId: {Ref: Table}, DestinationCidrBlock: 0.0.0.0/0, GatewayId: {Ref: Igw}}}\n    Igw: {Type: AWS::EC2::InternetGateway}", function, "without endpoints for sqs", false},
		edit{"a NAT instance is one", "us-east-1.sqs}}", "us-east-1.sns}}\n    R: {Type: AWS::EC2::Route, Properties: {RouteTableId: {Ref: Table}, DestinationCidrBlock: 0.0.0.0/0, InstanceId: i}}", "", "", false},
	)
}

const documents = `
Api:
  Resources:
    Contracts: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {TANDEM_DOCUMENTS_NAME: contracts, TANDEM_DOCUMENTS_RESULT_PREFIX: analysed/contracts/}}}}
    Invoices: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {TANDEM_DOCUMENTS_NAME: invoices, TANDEM_DOCUMENTS_RESULT_PREFIX: analysed/invoices/}}}}
    ContractsUploaded:
      Type: AWS::Events::Rule
      Properties:
        EventPattern: {source: [aws.s3], detail: {bucket: {name: [{Ref: Data}]}, object: {key: [{wildcard: documents/contracts/*.pdf}, {wildcard: documents/contracts/*.txt}]}}}
        Targets: [{Arn: {Fn::GetAtt: [Contracts, Arn]}}]
    InvoicesUploaded:
      Type: AWS::Events::Rule
      Properties:
        EventPattern: {source: [aws.s3], detail: {bucket: {name: [{Ref: Data}]}, object: {key: [{prefix: documents/invoices/}]}}}
        Targets: [{Arn: {Fn::GetAtt: [Invoices, Arn]}}]
    Minute: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 minute), Targets: [{Arn: {Fn::GetAtt: [Contracts, Arn]}}]}}
    Data: {Type: AWS::S3::Bucket}
    Other: {Type: AWS::S3::Bucket}
`

func TestTriggerLoop(t *testing.T) {
	const contracts, invoices = "Api/ContractsUploaded", "Api/InvoicesUploaded"
	judge(t, "trigger-loop", documents,
		edit{"results below the trigger's own prefix are found", "analysed/contracts/", "documents/contracts/done/", contracts, `results under "documents/contracts/done/"`, false},
		edit{"results above it may land below it", "analysed/contracts/", "documents/", contracts, `results under "documents/"`, false},
		edit{"a pattern by prefix is found too", "analysed/invoices/", "documents/invoices/x/", invoices, "which match the pattern", false},
		edit{"results of one trigger may feed another", "analysed/contracts/", "documents/invoices/", "", "", false},
	)
}

func TestTwoTriggersThatFeedEachOtherAreFoundFromBothEnds(t *testing.T) {
	loop := replace(t, replace(t, documents, "analysed/contracts/", "documents/invoices/"), "analysed/invoices/", "documents/contracts/")
	found := findings(t, "trigger-loop", loop)
	require.Len(t, found, 2)
	require.Contains(t, found[0].Message, "Api/InvoicesUploaded, then that of Api/ContractsUploaded")
	require.Equal(t, "documents.contracts.resultPrefix", found[0].Config)
	elsewhere := strings.Replace(loop, "{bucket: {name: [{Ref: Data}]}, object: {key: [{prefix", "{bucket: {name: [{Ref: Other}]}, object: {key: [{prefix", 1)
	require.NotEqual(t, loop, elsewhere)
	require.Empty(t, findings(t, "trigger-loop", elsewhere), "another bucket's uploads are not these results")
}

func TestWhichPatternsMayMatchAResult(t *testing.T) {
	for key, matches := range map[string]bool{
		"{prefix: analysed/}":                                    true,
		"{prefix: analysed/invoices/2026/}":                      true,
		"{prefix: analysed/contracts/}":                          false,
		"{wildcard: analysed/*/x.pdf}":                           true,
		"{suffix: .pdf}":                                         true,
		"analysed/invoices/one.json":                             true,
		"documents/one.json":                                     false,
		"{anything-but: {prefix: analysed/}}":                    false,
		"{anything-but: {prefix: documents/}}":                   true,
		"{anything-but: [a.pdf]}":                                true,
		"{exists: true}":                                         false,
		"{prefix: {equals-ignore-case: ANALYSED/}}":              true,
		"{prefix: {equals-ignore-case: documents/}}":             false,
		"{prefix: documents/invoices/}, {prefix: analysed/}":     true,
		"{prefix: documents/invoices/}, {prefix: documents/two}": false,
	} {
		loops := 0
		for _, f := range findings(t, "trigger-loop", replace(t, documents, "{prefix: documents/invoices/}", key)) {
			if strings.Contains(f.Message, "results under") {
				loops++
			}
		}
		require.Equal(t, matches, loops > 0, key)
	}
	require.Len(t, findings(t, "trigger-loop", replace(t, documents, "object: {key: [{prefix: documents/invoices/}]}", "reason: [PutObject]")), 2,
		"a pattern without keys matches results and what jobs keep")
}

func TestATriggerOnWhatJobsKeepIsFound(t *testing.T) {
	for _, prefix := range []string{"results/", "checkpoints/a/", "inputs/", "steps/"} {
		found := findings(t, "trigger-loop", replace(t, documents, "{prefix: documents/invoices/}", "{prefix: "+prefix+"}"))
		require.Len(t, found, 1, prefix)
		require.Equal(t, "documents.invoices.prefix", found[0].Config)
	}
}

func TestEventPatternSize(t *testing.T) {
	judge(t, "event-pattern-size", documents,
		edit{"a long pattern is found", "{wildcard: documents/contracts/*.txt}", "{wildcard: documents/contracts/*" + strings.Repeat("x", 2000) + "}", "Api/ContractsUploaded", "a pattern of about", false},
		edit{"a sixth target is found", "Targets: [{Arn: {Fn::GetAtt: [Invoices, Arn]}}]", "Targets: [a, b, c, d, e, f]", "Api/InvoicesUploaded", "6 targets", false},
	)
}

const deliveries = `
Observability:
  Resources:
    Rule: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: x, DeadLetterConfig: {Arn: {Fn::GetAtt: [Failures, Arn]}}}]}}
    Failures: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: {Fn::GetAtt: [Key, Arn]}}}
    FailuresPolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [{Ref: Failures}], PolicyDocument: {Statement: [{Effect: Allow, Action: sqs:SendMessage, Principal: {Service: events.amazonaws.com}, Resource: x}]}}}
    Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [{Ref: Topic}]}}
    Budget: {Type: AWS::Budgets::Budget, Properties: {NotificationsWithSubscribers: [{Subscribers: [{SubscriptionType: SNS, Address: {Ref: Topic}}]}]}}
    Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: {Ref: Key}}}
    TopicPolicy:
      Type: AWS::SNS::TopicPolicy
      Properties:
        Topics: [{Ref: Topic}]
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "sns:Publish", Principal: {Service: budgets.amazonaws.com}, Resource: x}
            - {Effect: Allow, Action: "sns:*", Principal: {Service: [cloudwatch.amazonaws.com]}, Resource: x}
    Key:
      Type: AWS::KMS::Key
      Properties:
        KeyPolicy:
          Statement:
            - {Effect: Allow, Action: [kms:Decrypt, "kms:GenerateDataKey*"], Principal: {Service: events.amazonaws.com}, Resource: "*"}
            - {Effect: Allow, Action: [kms:Decrypt, "kms:GenerateDataKey*"], Principal: {Service: [budgets.amazonaws.com, cloudwatch.amazonaws.com]}, Resource: "*"}
`

func TestServiceDelivery(t *testing.T) {
	const key, topic, queue = "Observability/Key", "Observability/Topic", "Observability/Failures"
	judge(t, "service-delivery", deliveries,
		edit{"a queue that does not let EventBridge is found", "Action: sqs:SendMessage", "Action: sqs:ReceiveMessage", queue, "no policy that lets events.amazonaws.com sqs:SendMessage", false},
		edit{"a key that does not let EventBridge is found", "Principal: {Service: events.amazonaws.com}, Resource: \"*\"", "Principal: {Service: x}, Resource: \"*\"", key, "a key policy without events.amazonaws.com", false},
		edit{"half of the permissions is not enough", `[kms:Decrypt, "kms:GenerateDataKey*"], Principal: {Service: events`, `[kms:Decrypt], Principal: {Service: events`, key, "a key policy without events", false},
		edit{"a topic that does not let Budgets is found", "Principal: {Service: budgets.amazonaws.com}", "Principal: {Service: x}", topic, "no policy that lets budgets.amazonaws.com", false},
		edit{"a topic's own policy has to let alarms in too", "Principal: {Service: [cloudwatch.amazonaws.com]}", "Principal: {Service: x}", topic, "no policy that lets cloudwatch.amazonaws.com", true},
		edit{"a key that does not let alarms is found", "[budgets.amazonaws.com, cloudwatch.amazonaws.com]", "[budgets.amazonaws.com]", key, "a key policy without cloudwatch.amazonaws.com", true},
		edit{"a policy that only forbids keeps alarms out", "{Effect: Allow, Action: \"sns:*\"", "{Effect: Deny, Action: \"sns:*\"", topic, "no policy that lets cloudwatch.amazonaws.com", true},
		edit{"a queue under AWS's own key gets nothing", "KmsMasterKeyId: {Fn::GetAtt: [Key, Arn]}", "KmsMasterKeyId: alias/aws/sqs", queue, "encryption with alias/aws/sqs", false},
	)
}
