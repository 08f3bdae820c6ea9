package checks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cloudassembly"
	"tandem/stacks/checks"
)

func TestAFindingIsOneLineForPeople(t *testing.T) {
	finding := checks.Finding{
		Rule: "spot-draining", Severity: checks.Error, Path: "Compute/Single/Spot/LaunchTemplate", Message: "found nothing, expected something; write it",
	}
	require.Equal(t, "error spot-draining  Compute/Single/Spot/LaunchTemplate: found nothing, expected something; write it", finding.String())
	finding.Origin = "config/base.yaml:120"
	require.Contains(t, finding.String(), "LaunchTemplate (config/base.yaml:120): found")
	finding.Config = "capacity.groups.single"
	require.Contains(t, finding.String(), "LaunchTemplate (capacity.groups.single, config/base.yaml:120): found")
}

func TestAFindingSaysWhereTheConfigurationAsksForIt(t *testing.T) {
	a := assembly(t, replace(t, replace(t, fleet, "StopTimeout: 20", "StopTimeout: 100"), "CapacityRebalance: false", "CapacityRebalance: true"))
	one := func(options checks.Options, rule string) checks.Finding {
		for _, f := range checks.Run(a, options) {
			if f.Rule == rule {
				return f
			}
		}
		t.Fatalf("no finding of %s", rule)
		return checks.Finding{}
	}

	plain := one(checks.Options{}, "stop-timeout")
	require.Equal(t, "Workers", plain.Stack)
	require.Equal(t, "Workers/Analyser/Task", plain.Path)
	require.Equal(t, "Task", plain.LogicalID)
	require.Equal(t, "workers.document-analyser.stopTimeout", plain.Config, "the program's own settings name the worker")
	require.Empty(t, plain.Origin)

	options := checks.Options{Origin: func(path string) string { return "base.yaml:1 for " + path }}
	require.Equal(t, "base.yaml:1 for Workers/Analyser/Task", one(options, "stop-timeout").Origin)
	options.KeyOrigin = func(path string) string {
		return map[string]string{"workers.document-analyser.stopTimeout": "prod.yaml:7"}[path]
	}
	require.Equal(t, "prod.yaml:7", one(options, "stop-timeout").Origin, "the key's line is more exact than the construct's")

	options.Entry = func(path string) string {
		return map[string]string{"Compute/SpotGroup": "capacity.groups.single"}[path]
	}
	require.Equal(t, "capacity.groups.single", one(options, "capacity-rebalance").Config)
}

func TestAWrittenReasonSettlesARuleOnItsResourceOnly(t *testing.T) {
	open := `
Network:
  Resources:
    One: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: [{CidrIp: 0.0.0.0/0}]}, Metadata: {cdk_nag: {rules_to_suppress: [{id: other, reason: Not this one at all.}, {id: security-group-open, reason: A public door on purpose.}]}}}
    Two: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: [{CidrIp: 0.0.0.0/0}]}}
`
	found := findings(t, "security-group-open", open)
	require.Len(t, found, 1)
	require.Equal(t, "Two", found[0].LogicalID)
	require.Len(t, findings(t, "security-group-open", replace(t, open, "reason: A public door on purpose.", "reason: why not")), 2, "a reason is a sentence")
}

func TestFindingsAreSortedAndTheSameEachTime(t *testing.T) {
	broken := strings.NewReplacer("HttpTokens: required", "HttpTokens: optional", "ECS_", "X_", "DesiredCount: 0", "DesiredCount: 1", "&tags", "").Replace(fleet)
	broken = strings.ReplaceAll(broken, ", Tags: *tags", "")
	first := checks.Run(assembly(t, broken), checks.Options{})
	require.Greater(t, len(first), 10)
	for range 20 {
		require.Equal(t, first, checks.Run(assembly(t, broken), checks.Options{}))
	}
	for i := 1; i < len(first); i++ {
		before, after := first[i-1], first[i]
		require.LessOrEqual(t, before.Stack+"\x00"+before.Path, after.Stack+"\x00"+after.Path)
	}
}

func TestErrorsCountsWhatForbidsADeployment(t *testing.T) {
	require.Zero(t, checks.Errors(nil))
	require.Equal(t, 1, checks.Errors([]checks.Finding{{Severity: checks.Warning}, {Severity: checks.Error}, {Severity: checks.Warning}}))
}

func TestAnEmptyAssemblyHasNoFindings(t *testing.T) {
	require.Empty(t, checks.Run(cloudassembly.Assembly{}, checks.Options{}))
	require.Empty(t, checks.Run(cloudassembly.Assembly{Stacks: []cloudassembly.Stack{{ID: "A"}}}, checks.Options{}))
}

func TestEveryRuleSaysWhatItAsksAndWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range checks.Rules() {
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, r.Name)
		require.False(t, seen[r.Name], r.Name)
		seen[r.Name] = true
		require.NotEmpty(t, r.Severity, r.Name)
		require.Regexp(t, `\.$`, r.What, r.Name)
		require.Regexp(t, `\.$`, r.Why, r.Name)
		require.Regexp(t, `^https://`, r.Source, r.Name)
		require.Regexp(t, `^20\d\d-\d\d-\d\d$`, r.Checked, r.Name)
	}
}

func TestOneMistakeIsOneMessage(t *testing.T) {
	twoSubnets := strings.NewReplacer("SubnetIds: [{Ref: Subnet}]", "SubnetIds: [{Ref: Subnet}, {Ref: Second}]", "us-east-1.sqs", "us-east-1.sns",
		"    Table: {", "    Second: {Type: AWS::EC2::Subnet, Properties: {VpcId: {Ref: Vpc}}}\n    Also: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: {Ref: Second}, RouteTableId: {Ref: Table}}}\n    Table: {").Replace(vpcFunction)
	require.Len(t, findings(t, "vpc-function-egress", twoSubnets), 1)

	twoAlarms := strings.NewReplacer("Effect: Allow, Action: \"sns:*\"", "Effect: Deny, Action: \"sns:*\"",
		"    Alarm: {", "    Another: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [{Ref: Topic}], OKActions: [{Ref: Topic}]}}\n    Alarm: {").Replace(deliveries)
	found := findings(t, "service-delivery", twoAlarms)
	require.Len(t, found, 1)
	require.Contains(t, found[0].Message, "for Observability/Alarm and 1 more")
}
