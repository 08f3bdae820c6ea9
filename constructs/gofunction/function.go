package gofunction

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/runtime/settings"
)

// Function is a Lambda function that runs a Go program of this project.
type Function struct {
	construct constructs.Construct
	function  awslambda.Function
	role      awsiam.Role
	logs      awslogs.LogGroup
}

// New builds the program and creates the function, its role and its log group.
// It panics, with the construct's path, when a required prop is missing or the
// program does not build.
func New(scope constructs.Construct, id string, props *Props) *Function {
	this := constructs.NewConstruct(scope, &id)
	for name, missing := range map[string]bool{
		"Program": props.Program == "", "Description": props.Description == "",
		"Settings": props.Settings == nil, "Bundle": props.Bundle == nil,
	} {
		if missing {
			panic(*this.Node().Path() + ": gofunction.Props." + name + " is required")
		}
	}
	architecture, goarch := props.Architecture, DefaultArchitecture
	if architecture == nil {
		architecture = awslambda.Architecture_ARM_64()
	} else if *architecture.Name() == *awslambda.Architecture_X86_64().Name() {
		goarch = "amd64"
	}
	directory, err := props.Bundle.Directory(props.Program, goarch)
	if err == nil {
		directory, err = withFiles(directory, props.Files)
	}
	if err != nil {
		panic(*this.Node().Path() + ": " + err.Error())
	}
	memory := orDefault(props.MemoryMiB, 256)
	logs := newLogGroup(this, props)
	role := newRole(this, props, logs)
	function := awslambda.NewFunction(this, jsii.String("Function"), &awslambda.FunctionProps{
		Description:                  &props.Description,
		Runtime:                      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:                 architecture,
		Handler:                      jsii.String("bootstrap"),
		Code:                         awslambda.Code_FromAsset(&directory, &awss3assets.AssetOptions{}),
		MemorySize:                   jsii.Number(memory),
		Timeout:                      orDefault(props.Timeout, awscdk.Duration_Seconds(jsii.Number(30))),
		Environment:                  environment(props.Settings, settings.FunctionCollector(int(memory))),
		Role:                         role,
		LogGroup:                     logs,
		LoggingFormat:                awslambda.LoggingFormat_JSON,
		Vpc:                          props.VPC,
		SecurityGroups:               securityGroups(props),
		ReservedConcurrentExecutions: props.ReservedConcurrency,
		Tracing:                      tracing(props.Tracing),
	})
	if props.VPC != nil && props.SecurityGroup == nil {
		awscdk.Annotations_Of(function).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:ipv4IgnoreEgressRule"),
			jsii.String("a function may call what it has to, inside and outside of the VPC"))
	}
	thing := &Function{construct: this, function: function, role: role, logs: logs}
	accept(this, props)
	return thing
}

func newLogGroup(scope constructs.Construct, props *Props) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     orDefault(props.LogRetention, awslogs.RetentionDays_ONE_MONTH),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		EncryptionKey: props.LogKey,
	})
}

// newRole may write to its own log group and nothing else. The managed policy
// that the CDK would attach allows every log group of the account.
func newRole(scope constructs.Construct, props *Props, logs awslogs.LogGroup) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String("What the function '" + props.Program + "' may do"),
	})
	logs.GrantWrite(role)
	if props.VPC != nil {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("JoinTheVpc"),
			Actions: jsii.Strings("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
				"ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
			Resources: jsii.Strings("*"),
		}))
	}
	return role
}

func accept(scope constructs.Construct, props *Props) {
	accepted.OnEach(scope, func(resource awscdk.CfnResource) []accepted.Finding {
		switch resource.(type) {
		case awsiam.CfnPolicy:
			if props.VPC == nil && !props.Tracing {
				return nil
			}
			const reason = "Creating network interfaces and sending traces have no resource to name; AWS documents both with a star."
			return []accepted.Finding{
				{Rule: "AwsSolutions-IAM5", Reason: reason, AppliesTo: []string{"Resource::*"}},
				{Rule: "CKV_AWS_111", Reason: reason},
			}
		case awslambda.CfnFunction:
			return acceptedOfFunction(props)
		case awslogs.CfnLogGroup:
			return []accepted.Finding{{Rule: "CKV_AWS_158", Reason: "Logs carry no payloads or secrets; CloudWatch encrypts them with its own key."}}
		default:
			return nil
		}
	})
}

func acceptedOfFunction(props *Props) []accepted.Finding {
	findings := []accepted.Finding{
		{Rule: "CKV_AWS_116", Reason: "Failures are kept where the function is used: a queue, a list in the state table, or the caller's answer."},
		{Rule: "CKV_AWS_173", Reason: "The environment holds names of resources and no secret; secrets are read from Secrets Manager."},
	}
	if props.VPC == nil {
		findings = append(findings, accepted.Finding{Rule: "CKV_AWS_117", Reason: "The function reaches AWS over TLS with its own role; a VPC would add cost and cold start and protect nothing."})
	}
	if props.ReservedConcurrency == nil {
		findings = append(findings, accepted.Finding{Rule: "CKV_AWS_115", Reason: "The API throttles callers; reserving concurrency would take it from the account's other functions."})
	}
	return findings
}

func environment(parts ...any) *map[string]*string {
	variables := map[string]*string{}
	for _, part := range parts {
		for name, value := range settings.Encode(part) {
			variables[name] = jsii.String(value)
		}
	}
	return &variables
}

func tracing(on bool) awslambda.Tracing {
	if on {
		return awslambda.Tracing_ACTIVE
	}
	return awslambda.Tracing_DISABLED
}
