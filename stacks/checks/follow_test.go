package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// These follow references by the ways that fleet does not take.

func TestAServiceThatSaysNothingUsesItsClustersDefault(t *testing.T) {
	const right = `
Compute:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Other: {Type: AWS::ECS::Cluster}
    Associations:
      Type: AWS::ECS::ClusterCapacityProviderAssociations
      Properties: {Cluster: {Ref: Cluster}, CapacityProviders: [FARGATE_SPOT], DefaultCapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}]}
    Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: model, StopTimeout: 90}]}}
    Service: {Type: AWS::ECS::Service, Properties: {Cluster: {Ref: Cluster}, TaskDefinition: {Ref: Task}}}
`
	judge(t, "stop-timeout", right, edit{"a default on spot holds for the service", "StopTimeout: 90", "StopTimeout: 120", "Compute/Task", "120 s on container model", false})
	long := replace(t, right, "StopTimeout: 90", "StopTimeout: 120")
	require.Empty(t, findings(t, "stop-timeout", replace(t, long, "Properties: {Cluster: {Ref: Cluster}, TaskDefinition", "Properties: {Cluster: {Ref: Other}, TaskDefinition")), "another cluster's default")
	require.Empty(t, findings(t, "stop-timeout", replace(t, long, "TaskDefinition: {Ref: Task}", "TaskDefinition: {Ref: Task}, LaunchType: EC2")), "a launch type comes before the default")
}

func TestEachLaunchTemplateOfAGroupIsJudged(t *testing.T) {
	judge(t, "spot-draining", `
Compute:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    First: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateName: first, LaunchTemplateData: {UserData: {Fn::Sub: "ECS_CLUSTER=${Cluster} ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"}}}}
    Second: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateName: second, LaunchTemplateData: {UserData: "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"}}}
    Unused: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateName: unused, LaunchTemplateData: {UserData: nothing}}}
    Group:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MixedInstancesPolicy:
          InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 50}
          LaunchTemplate:
            LaunchTemplateSpecification: {LaunchTemplateId: {Ref: First}}
            Overrides: [{InstanceType: g5.xlarge}, {InstanceType: g6.xlarge, LaunchTemplateSpecification: {LaunchTemplateName: second}}]
    Web: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchTemplate: {LaunchTemplateId: {Ref: Server}}}}
    Server: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {InstanceMarketOptions: {MarketType: spot}, UserData: run a web server}}}
`,
		edit{"a template of an override is found", `UserData: "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"`, `UserData: ""`, "Compute/Second", "no user data", false},
		edit{"a group that joins no cluster is not ECS's", "run a web server", "run another server", "", "", false},
	)
}

func TestManagedPoliciesCountAsTheRolesOwn(t *testing.T) {
	inline := "Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: [\"sqs:SendMessage\", \"dynamodb:GetItem\", \"logs:PutLogEvents\"], Resource: x}]}}]"
	for name, managed := range map[string]string{
		"named by the role": "ManagedPolicyArns: [{Ref: Managed}]}}\n    Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: \"sns:Publish\", Resource: x}]}",
		"naming the role":   "Path: /}}\n    Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [{Ref: Role}], PolicyDocument: {Statement: [{Effect: Allow, Action: \"sns:Publish\", Resource: x}]}",
	} {
		found := findings(t, "vpc-function-egress", replace(t, vpcFunction, inline, managed))
		require.Len(t, found, 1, name)
		require.Contains(t, found[0].Message, "without endpoints for sns", name)
	}
	denied := findings(t, "vpc-function-egress", replace(t, vpcFunction, "Effect: Allow, Action: [\"sqs:SendMessage\"", "Effect: Deny, Action: [\"sns:Publish\""))
	require.Empty(t, denied, "what is denied is not called")
}

func TestWhatFitsExactlyFits(t *testing.T) {
	const name = "registered-memory"
	// g5.xlarge has 4 vCPUs: 128 units for the agent and the rest for the task.
	require.Empty(t, findings(t, name, replace(t, fleet, "Cpu: 3000", "Cpu: 3968")))
	require.Len(t, findings(t, name, replace(t, fleet, "Cpu: 3000", "Cpu: 3969")), 1)
}
