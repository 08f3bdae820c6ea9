package checks_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestTemplateLimits(t *testing.T) {
	var resources strings.Builder
	for i := range 499 {
		fmt.Fprintf(&resources, "    R%d: {Type: AWS::SQS::Queue}\n", i)
	}
	judge(t, "template-limits", `
State:
  Name: tandem-prod-state
  Description: `+strings.Repeat("d", 1024)+`
  Size: 1000000
  Outputs: {A: {Value: a, Description: short}}
  Parameters: {A: {Type: String}}
  Resources:
    Queue: {Type: AWS::SQS::Queue}
`+resources.String(),
		edit{"the 501st resource is found", "    Queue: {Type: AWS::SQS::Queue}\n", "    Queue: {Type: AWS::SQS::Queue}\n    Another: {Type: AWS::SQS::Queue}\n", "State", "501 resources", false},
		edit{"a template of more than 1 MB is found", "Size: 1000000", "Size: 1000001", "State", "1000001 bytes of template", false},
		edit{"too many outputs are found", "{A: {Value: a, Description: short}}", "{" + many(201) + "}", "State", "201 outputs", false},
		edit{"too many parameters are found", "{A: {Type: String}}", "{" + many(201) + "}", "State", "201 parameters", false},
		edit{"too many mappings are found", "Size: 1000000", "Mappings: {" + many(201) + "}", "State", "201 mappings", false},
		edit{"a long description is found", "Description: d", "Description: dd", "State", "1025 bytes of description", false},
		edit{"a long description of an output is found", "Description: short", "Description: " + strings.Repeat("d", 1025), "State", "on output A", false},
		edit{"a long name of an output is found", "{A: {Value", "{" + strings.Repeat("A", 256) + ": {Value", "State", "256 characters in the name of an output", false},
		edit{"a logical ID with a hyphen is found", "    Queue: {", "    the-queue: {", "State/the-queue", `the logical ID "the-queue"`, false},
		edit{"a stack name with an underscore is found", "tandem-prod-state", "tandem_prod_state", "State", "the stack name", false},
	)
}

func many(count int) string {
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf("K%d: {Value: a}", i))
	}
	return strings.Join(all, ", ")
}

func TestCrossStackExport(t *testing.T) {
	judge(t, "cross-stack-export", `
State:
  Outputs: {QueueArn: {Value: {Fn::GetAtt: [Queue, Arn]}}}
  Resources: {Queue: {Type: AWS::SQS::Queue}}
Api:
  Resources: {Function: {Type: AWS::Lambda::Function, Properties: {Role: {Fn::GetStackOutput: {StackName: State, OutputName: QueueArn}}}}}
`,
		edit{"an export is found", "{Value: {Fn::GetAtt: [Queue, Arn]}}", "{Value: {Fn::GetAtt: [Queue, Arn]}, Export: {Name: queue}}", "State", "output QueueArn with export queue", false},
		edit{"an import is found", "Fn::GetStackOutput: {StackName: State, OutputName: QueueArn}", "Fn::ImportValue: queue", "Api/Function", "Fn::ImportValue of queue", false},
	)
}

func TestWeakReference(t *testing.T) {
	judge(t, "weak-reference", fleet,
		edit{"an output that is not there is found", "OutputName: ClusterArn", "OutputName: ClusterName", "Workers/Analyser/Spot/Service", "output ClusterName of stack tandem-prod-compute", false},
		edit{"a stack outside the assembly is a warning", "StackName: tandem-prod-network", "StackName: theirs", "Compute/SpotGroup", "of stack theirs", true},
	)
}

func TestRetainedState(t *testing.T) {
	judge(t, "retained-state", `
State:
  Protected: true
  Resources:
    Table: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain, UpdateReplacePolicy: Retain}
    Secret: {Type: AWS::SecretsManager::Secret, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
Dev:
  Resources:
    Bucket: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
`,
		edit{"a table that says nothing is found", "DeletionPolicy: Retain, ", "", "State/Table", "no DeletionPolicy", false},
		edit{"a table that says nothing of its replacement is found", ", UpdateReplacePolicy: Retain", "", "State/Table", "no UpdateReplacePolicy", false},
		edit{"data that go with a protected stack are a warning", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "State/Table", "DeletionPolicy Delete in a stack with termination protection", true},
	)
}

func TestDestroyClean(t *testing.T) {
	judge(t, "destroy-clean", `
State:
  Resources:
    Table: {Type: AWS::DynamoDB::Table, DeletionPolicy: Delete, Properties: {DeletionProtectionEnabled: false}}
    Kept: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain, Properties: {DeletionProtectionEnabled: true}}
    Bucket: {Type: AWS::S3::Bucket, DeletionPolicy: Delete}
    Emptied: {Type: Custom::S3AutoDeleteObjects, Properties: {BucketName: {Ref: Bucket}}}
    Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: "false"}]}}
    Repository: {Type: AWS::ECR::Repository, DeletionPolicy: Delete, Properties: {EmptyOnDelete: true}}
`,
		edit{"protection of what goes is found", "DeletionProtectionEnabled: false", "DeletionProtectionEnabled: true", "State/Table", "DeletionProtectionEnabled", false},
		edit{"protection of a load balancer is found", `Value: "false"`, `Value: "true"`, "State/Balancer", "deletion_protection.enabled", false},
		edit{"a bucket that nothing empties is found", "BucketName: {Ref: Bucket}", "BucketName: x", "State/Bucket", "that nothing empties", false},
		edit{"a repository that nothing empties is found", "EmptyOnDelete: true", "EmptyOnDelete: false", "State/Repository", "that nothing empties", false},
		edit{"a protected stack is prepared for its end by hand", "  Resources:\n    Table: {Type: AWS::DynamoDB::Table, DeletionPolicy: Delete, Properties: {DeletionProtectionEnabled: false", "  Protected: true\n  Resources:\n    Table: {Type: AWS::DynamoDB::Table, DeletionPolicy: Delete, Properties: {DeletionProtectionEnabled: true", "", "", false},
	)
}

func TestLogRetention(t *testing.T) {
	judge(t, "log-retention", `
Api:
  Resources:
    Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
    Function: {Type: AWS::Lambda::Function, Properties: {LoggingConfig: {LogGroup: {Ref: Logs}}}}
    Provider:
      Type: AWS::Lambda::Function
      Metadata: {"aws:cdk:path": "Api/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler"}
    Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: model, LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: {Ref: Logs}}}}]}}
`,
		edit{"a log group without retention is found", "RetentionInDays: 30", "KmsKeyId: x", "Api/Logs", "no RetentionInDays", false},
		edit{"a retention that CloudWatch does not know is found", "RetentionInDays: 30", "RetentionInDays: 31", "Api/Logs", "a retention of 31 days", false},
		edit{"a function without a log group is found", "LoggingConfig: {LogGroup: {Ref: Logs}}", "Timeout: 3", "Api/Function", "no log group", false},
		edit{"a container without a log group is found", "awslogs-group: {Ref: Logs}", "awslogs-region: x", "Api/Task", "container model without awslogs-group", false},
	)
}

func TestTags(t *testing.T) {
	tags := "Tags: [{Key: application, Value: a}, {Key: environment, Value: e}, {Key: tier, Value: jobs}]"
	judge(t, "tags", `
Workers:
  Resources:
    Queue: {Type: AWS::SQS::Queue, Properties: {`+tags+`}}
    Stage: {Type: AWS::ApiGateway::Stage, Properties: {Tags: {application: a, environment: e, tier: request}}}
    Policy: {Type: AWS::IAM::Policy}
    Service: {Type: AWS::ECS::Service, Properties: {PropagateTags: SERVICE, `+tags+`}}
    Provider: {Type: AWS::Lambda::Function, Metadata: {"aws:cdk:path": "Workers/BucketNotificationsHandler050a"}}
    Group:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        LaunchTemplate: {LaunchTemplateId: {Ref: Template}}
        Tags: [{Key: application, Value: a, PropagateAtLaunch: true}, {Key: environment, Value: e, PropagateAtLaunch: true}, {Key: tier, Value: jobs, PropagateAtLaunch: true}]
    Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {UserData: ECS_CLUSTER=a, TagSpecifications: [{ResourceType: instance}, {ResourceType: volume, `+tags+`}]}}}
`,
		edit{"a missing tag is found", "Queue, Properties: {Tags: [{Key: application, Value: a}, ", "Queue, Properties: {Tags: [", "Workers/Queue", "no tag application", false},
		edit{"tags in a map are read", "tier: request", "tear: request", "Workers/Stage", "no tag tier", false},
		edit{"no tags at all are found", "Properties: {Tags: {application: a, environment: e, tier: request}}", "Properties: {}", "Workers/Stage", "no tag application, environment, tier", false},
		edit{"tags that instances do not get are found", "Value: jobs, PropagateAtLaunch: true", "Value: jobs, PropagateAtLaunch: false", "Workers/Group", "no tag tier", false},
		edit{"volumes without tags are found", "ResourceType: volume", "ResourceType: spot-instances-request", "Workers/Template", "no tags for volumes", false},
		edit{"tasks without tags are found", "PropagateTags: SERVICE, ", "", "Workers/Service", "PropagateTags nothing", false},
	)
}
