package containers

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// NewTaskRole creates a role that tasks assume.
func NewTaskRole(scope constructs.Construct, id, description string) awsiam.Role {
	return awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
		Description: &description,
	})
}

// Explain accepts what a complete task definition and its execution role do on
// purpose.
func Explain(task awsecs.TaskDefinition) {
	accepted.OnResource(task, accepted.Finding{
		Rule:   "AwsSolutions-ECS2",
		Reason: "The environment holds names of resources and no secret; secrets are read from Secrets Manager when the task starts.",
	})
	if role := task.ExecutionRole(); role != nil {
		accepted.OnPolicies(role, accepted.Finding{
			Rule:      "AwsSolutions-IAM5",
			Reason:    "Logging in to ECR has no resource to name; AWS documents it with a star.",
			AppliesTo: []string{"Resource::*"},
		})
	}
}
