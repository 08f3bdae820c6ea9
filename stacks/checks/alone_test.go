package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsLetAlone changes a template that a rule finds something in, so
// that the rule no longer concerns it.
func TestWhatIsLetAlone(t *testing.T) {
	slow := replace(t, modelService, "Threshold: 1", "Threshold: 100")
	missing := replace(t, vpcFunction, "us-east-1.sqs", "us-east-1.sns")
	for _, test := range []struct{ name, rule, broken, replace, with string }{
		{"a group without a capacity provider empties by itself", "capacity-teardown",
			replace(t, fleet, ", {Ref: OnDemandGroup}]", "]"), "{AutoScalingGroupArn: {Ref: OnDemandGroup}, ", "{"},
		{"instance types that nobody knows", "registered-memory",
			replace(t, replace(t, fleet, "Memory: 14000", "Memory: 16000"), "{InstanceType: g6.xlarge}, {InstanceType: g5.xlarge}, {InstanceType: g4dn.xlarge}", "{InstanceType: x9.tiny}"),
			"Overrides: [{InstanceType: g5.xlarge}]", "Overrides: [{InstanceType: x9.small}]"},
		{"containers that stop side by side", "stop-timeout",
			replace(t, fleet, "StopTimeout: 20", "StopTimeout: 100"), "DependsOn: [{ContainerName: model, Condition: START}, ", "DependsOn: ["},
		{"a minimum of one task", "leaves-zero", slow, "MinCapacity: 0", "MinCapacity: 1"},
		{"a minimum that is not known yet", "leaves-zero", slow, "MinCapacity: 0", "MinCapacity: {Ref: Minimum}"},
		{"a target without policies", "leaves-zero",
			replace(t, slow, "ScalingTargetId: {Ref: Target}\n        StepScaling", "ScalingTargetId: {Ref: Another}\n        StepScaling"),
			"ScalingTargetId: {Ref: Target}", "ScalingTargetId: {Ref: Another}"},
		{"a queue that is encrypted by SQS itself", "service-delivery",
			replace(t, deliveries, `Principal: {Service: events.amazonaws.com}, Resource: "*"`, `Principal: {Service: x}, Resource: "*"`),
			"KmsMasterKeyId: {Fn::GetAtt: [Key, Arn]}", "SqsManagedSseEnabled: true"},
		{"a topic without a policy of its own lets alarms in", "service-delivery",
			replace(t, replace(t, deliveries, "Effect: Allow, Action: \"sns:*\"", "Effect: Deny, Action: \"sns:*\""), "SubscriptionType: SNS, Address: {Ref: Topic}", "SubscriptionType: EMAIL, Address: a"),
			"Topics: [{Ref: Topic}]", "Topics: []"},
		{"a function outside the VPC", "vpc-function-egress", missing, "VpcConfig: {SubnetIds: [{Ref: Subnet}]}", "Timeout: 3"},
		{"subnets of an imported VPC", "vpc-function-egress", missing, "SubnetIds: [{Ref: Subnet}]", "SubnetIds: [subnet-1]"},
		{"a function with the default timeout of 3 s", "queue-visibility",
			replace(t, courier, "VisibilityTimeout: 370", "VisibilityTimeout: 28"), "Properties: {Timeout: 60}", "Properties: {}"},
		{"a volume of another type", "volume-throughput", replace(t, fleet, "Throughput: 500", "Throughput: 1000"), "VolumeType: gp3", "VolumeType: io2"},
		{"a statement that denies", "wildcard-resource",
			replace(t, policies, "reason: Describing has no resource to name.", "reason: x"), "Effect: Allow, Action: autoscaling", "Effect: Deny, Action: autoscaling"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NotEmpty(t, findings(t, test.rule, test.broken))
			require.Empty(t, findings(t, test.rule, replace(t, test.broken, test.replace, test.with)))
		})
	}
}
