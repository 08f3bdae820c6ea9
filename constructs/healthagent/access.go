package healthagent

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// allow writes the agent's rights: it may look in both modes, and act in
// protect mode. They are a policy of their own, so that its reasons explain
// nothing else.
func (a *HealthAgent) allow() {
	instances := awscdk.Stack_Of(a.construct).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("container-instance"),
		ResourceName: jsii.String(a.clusterName + "/*"),
	})
	statements := []awsiam.PolicyStatement{
		statement("FindItsInstance", []*string{&a.clusterARN}, "ecs:ListContainerInstances"),
		a.ofCluster(statement("LookAtItsInstance", []*string{instances}, "ecs:DescribeContainerInstances")),
	}
	if a.props.Settings.Mode == ModeProtect {
		var groups []*string
		for _, group := range a.props.Groups {
			groups = append(groups, group.AutoScalingGroupArn())
		}
		statements = append(statements,
			a.ofCluster(statement("DrainItsInstance", []*string{instances}, "ecs:UpdateContainerInstancesState")),
			statement("HaveItReplaced", groups, "autoscaling:SetInstanceHealth"))
	}
	policy := awsiam.NewPolicy(a.construct, jsii.String("Policy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{a.role}, Statements: &statements,
	})
	accepted.OnResource(policy, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "An agent acts on its own instance, whose id is not known before it runs; the policy is limited to this cluster and its groups.",
	})
}

// ofCluster keeps a statement to this cluster's instances, whatever the form of
// their ARN.
func (a *HealthAgent) ofCluster(of awsiam.PolicyStatement) awsiam.PolicyStatement {
	of.AddCondition(jsii.String("ArnEquals"), map[string]*string{"ecs:cluster": &a.clusterARN})
	return of
}

func statement(sid string, resources []*string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: &sid, Actions: jsii.Strings(actions...), Resources: &resources,
	})
}

// Construct is the scope that holds the agent.
func (a *HealthAgent) Construct() constructs.Construct { return a.construct }

// Service is the daemon service.
func (a *HealthAgent) Service() awsecs.IEc2Service { return a.service }

// TaskDefinition of the agent.
func (a *HealthAgent) TaskDefinition() awsecs.TaskDefinition { return a.task }

// TaskRole is what grants are made to, such as that of the state table's semaphore.
func (a *HealthAgent) TaskRole() awsiam.IRole { return a.role }

// GrantPrincipal is the task role: an agent can be granted to.
func (a *HealthAgent) GrantPrincipal() awsiam.IPrincipal { return a.role.GrantPrincipal() }

// LogGroup is where the agent writes.
func (a *HealthAgent) LogGroup() awslogs.ILogGroup { return a.logs }
