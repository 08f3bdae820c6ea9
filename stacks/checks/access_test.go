package checks_test

import (
	"strings"
	"testing"
)

const policies = `
Workers:
  Name: tandem-prod-workers
  Resources:
    Queue: {Type: AWS::SQS::Queue}
    Bucket: {Type: AWS::S3::Bucket}
    Role:
      Type: AWS::IAM::Role
      Properties: {Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: s3:GetObject*, Resource: "arn:aws:s3:::b/*"}}}]}
    Policy:
      Type: AWS::IAM::Policy
      Metadata: {cdk_nag: {rules_to_suppress: [{id: AwsSolutions-IAM5, reason: Describing has no resource to name.}]}}
      Properties:
        Roles: [{Ref: Role}]
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [sqs:SendMessage], Resource: {Fn::GetAtt: [Queue, Arn]}}
            - {Effect: Allow, Action: autoscaling:DescribeAutoScalingGroups, Resource: "*"}
    Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: x}]}}}
    BucketPolicy:
      Type: AWS::S3::BucketPolicy
      Properties: {PolicyDocument: {Statement: [{Effect: Deny, Action: "s3:*", Principal: "*", Resource: "*"}]}}
    Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Action: "kms:*", Principal: {AWS: root}, Resource: "*"}]}}}
`

func TestWildcardAction(t *testing.T) {
	judge(t, "wildcard-action", policies,
		edit{"a star is found", "Action: [sqs:SendMessage]", `Action: ["*"]`, "Workers/Policy", `action "*"`, false},
		edit{"all actions of a service are found, accepted or not", "id: AwsSolutions-IAM5, reason: Describing has no resource to name.}]}}\n      Properties:\n        Roles: [{Ref: Role}]\n        PolicyDocument:\n          Statement:\n            - {Effect: Allow, Action: [sqs:SendMessage]",
			"id: wildcard-action, reason: It is simply too much to write.}]}}\n      Properties:\n        Roles: [{Ref: Role}]\n        PolicyDocument:\n          Statement:\n            - {Effect: Allow, Action: [\"sqs:*\"]", "Workers/Policy", `action "sqs:*"`, false},
		edit{"an inline policy of a role is found", "Action: s3:GetObject*", `Action: "s3:*"`, "Workers/Role", `action "s3:*"`, false},
		edit{"a policy of a bucket is found", `Effect: Deny, Action: "s3:*"`, `Effect: Allow, Action: "s3:*"`, "Workers/BucketPolicy", `action "s3:*"`, false},
		edit{"all but some is found", "Action: [sqs:SendMessage]", "NotAction: [sqs:SendMessage]", "Workers/Policy", "NotAction", false},
	)
}

func TestWildcardResource(t *testing.T) {
	judge(t, "wildcard-resource", policies,
		edit{"a star without a reason is found", "Metadata: {cdk_nag: {rules_to_suppress: [{id: AwsSolutions-IAM5, reason: Describing has no resource to name.}]}}", "Metadata: {}",
			"Workers/Policy", "autoscaling:DescribeAutoScalingGroups on every resource", false},
		edit{"a reason for another rule does not count", "id: AwsSolutions-IAM5", "id: AwsSolutions-IAM4", "Workers/Policy", "on every resource", false},
		edit{"a reason in a word is none", "reason: Describing has no resource to name.", "reason: needed", "Workers/Policy", "on every resource", false},
		edit{"the rule's own name counts", "id: AwsSolutions-IAM5", "id: wildcard-resource", "", "", false},
		edit{"a star in a role's own policy is found", `Resource: "arn:aws:s3:::b/*"`, `Resource: ["*"]`, "Workers/Role", "s3:GetObject* on every resource", false},
		edit{"all but some is found", "sqs:SendMessage, Resource: x", "sqs:SendMessage, NotResource: x", "Workers/Managed", "sqs:SendMessage on every resource", false},
	)
}

func TestPolicySize(t *testing.T) {
	// A hundred queues by reference are a hundred ARNs after the deployment.
	arns := strings.TrimSuffix(strings.Repeat("{Fn::GetAtt: [Queue, Arn]}, ", 120), ", ")
	judge(t, "policy-size", policies,
		edit{"inline policies add up", "Resource: {Fn::GetAtt: [Queue, Arn]}", "Resource: [" + arns + "]", "Workers/Role", "10240 at most", false},
		edit{"a managed policy has a limit of its own", "sqs:SendMessage, Resource: x", "sqs:SendMessage, Resource: [" + arns + "]", "Workers/Managed", "6144 at most", false},
	)
}

func TestSecurityGroupOpen(t *testing.T) {
	judge(t, "security-group-open", `
Network:
  Resources:
    Group: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: [{CidrIp: 10.40.0.0/16}], SecurityGroupEgress: [{CidrIp: 0.0.0.0/0}]}}
    Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {CidrIp: {Fn::GetAtt: [Vpc, CidrBlock]}}}
`,
		edit{"the whole internet is found", "CidrIp: 10.40.0.0/16", "CidrIp: 0.0.0.0/0", "Network/Group", "ingress from 0.0.0.0/0", false},
		edit{"so is that of IPv6", "CidrIp: {Fn::GetAtt: [Vpc, CidrBlock]}", `CidrIpv6: "::/0"`, "Network/Rule", "ingress from ::/0", false},
		edit{"a reason for cdk-nag counts", "Properties: {SecurityGroupIngress: [{CidrIp: 10.40.0.0/16}]", "Metadata: {cdk_nag: {rules_to_suppress: [{id: AwsSolutions-EC23, reason: The public door of the company.}]}}, Properties: {SecurityGroupIngress: [{CidrIp: 0.0.0.0/0}]", "", "", false},
	)
}
