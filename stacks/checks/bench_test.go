package checks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cloudassembly"
	"tandem/stacks/checks"
)

// BenchmarkEnvironment loads and judges the templates of a large environment:
// 25 workers with three queues each beside what all share, some 430 resources.
// It should take less than 50 ms; go test -bench Environment ./stacks/checks.
func BenchmarkEnvironment(b *testing.B) {
	dir := environment(b, 25)
	resources := 0
	for b.Loop() {
		a, err := cloudassembly.Load(os.DirFS(dir))
		require.NoError(b, err)
		checks.Run(a, checks.Options{})
		resources = 0
		for _, s := range a.Stacks {
			resources += len(s.Template["Resources"].(map[string]any))
		}
	}
	b.ReportMetric(float64(resources), "resources")
}

// environment writes a cloud assembly with as many workers.
func environment(tb testing.TB, workers int) string {
	dir := tb.TempDir()
	artifacts := map[string]any{}
	for _, s := range assembly(tb, fleet+workersOf(workers)+strings.ReplaceAll(documents, "\nApi:", "\nDocuments:")+api).Stacks {
		raw, err := json.MarshalIndent(s.Template, "", " ")
		require.NoError(tb, err)
		require.NoError(tb, os.WriteFile(filepath.Join(dir, s.ID+".json"), raw, 0o600))
		artifacts[s.ID] = map[string]any{"type": "aws:cloudformation:stack", "properties": map[string]any{"templateFile": s.ID + ".json", "stackName": s.Name}}
	}
	raw, err := json.Marshal(map[string]any{"artifacts": artifacts})
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "manifest.json"), raw, 0o600))
	return dir
}

func workersOf(count int) string {
	const one = `    TaskN: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: {Fn::GetAtt: [RoleN, Arn]}, ContainerDefinitions: [{Name: model, Memory: 14000, StopTimeout: 20}, {Name: worker, Memory: 256, StopTimeout: 90, DependsOn: [{ContainerName: model, Condition: START}], Environment: [{Name: TANDEM_WORKER_NAME, Value: n}, {Name: TANDEM_QUEUES, Value: {Fn::Join: ["", [{Ref: High}, {Fn::GetAtt: [NormalN, QueueName]}]]}}]}]}}
    RoleN: {Type: AWS::IAM::Role}
    PolicyN: {Type: AWS::IAM::Policy, Properties: {Roles: [{Ref: RoleN}], PolicyDocument: {Statement: [{Effect: Allow, Action: [sqs:ReceiveMessage, sqs:DeleteMessage], Resource: [{Fn::GetAtt: [HighN, Arn]}, {Fn::GetAtt: [NormalN, Arn]}, {Fn::GetAtt: [LowN, Arn]}]}]}}}
    SpotN: {Type: AWS::ECS::Service, Properties: {Cluster: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: ClusterArn}}, CapacityProviderStrategy: [{CapacityProvider: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: SpotProviderName}}}], DesiredCount: 0, TaskDefinition: {Ref: TaskN}, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [{Fn::GetStackOutput: {StackName: tandem-prod-network, OutputName: SubnetId}}]}}}}
    OnDemandN: {Type: AWS::ECS::Service, Properties: {Cluster: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: ClusterArn}}, CapacityProviderStrategy: [{CapacityProvider: on-demand}], DesiredCount: 0, TaskDefinition: {Ref: TaskN}}}
`
	queue := func(name string) string {
		return fmt.Sprintf(`    %[1]sN: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30, RedrivePolicy: {maxReceiveCount: 1000, deadLetterTargetArn: {Fn::GetAtt: [%[1]sDeadN, Arn]}}}}
    %[1]sDeadN: {Type: AWS::SQS::Queue}
    %[1]sPolicyN: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [{Ref: %[1]sN}], PolicyDocument: {Statement: [{Effect: Deny, Action: "sqs:*", Principal: "*", Resource: {Fn::GetAtt: [%[1]sN, Arn]}}]}}}
    %[1]sDeadPolicyN: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [{Ref: %[1]sDeadN}], PolicyDocument: {Statement: []}}}
`, name)
	}
	text := one + queue("High") + queue("Normal") + queue("Low")
	var b strings.Builder
	b.WriteString("Jobs:\n  Resources:\n")
	for i := range count {
		b.WriteString(strings.NewReplacer("N:", fmt.Sprintf("%d:", i), "N}", fmt.Sprintf("%d}", i), "N, ", fmt.Sprintf("%d, ", i)).Replace(text))
	}
	return b.String()
}
