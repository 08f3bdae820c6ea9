package gpucapacity

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// newInstanceRole may do what the ECS agent does and no more: tasks have roles
// of their own, images are pulled and logs are written with the execution role.
func newInstanceRole(scope constructs.Construct, stack awscdk.Stack, props Props, instances *string) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		Description: jsii.String("What the ECS agent on a GPU instance may do"),
	})
	allow(role, "RegisterWithTheCluster", props.Cluster.ClusterArn(),
		"ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance",
		"ecs:SubmitTaskStateChange", "ecs:SubmitContainerStateChange", "ecs:SubmitAttachmentStateChanges")
	// UpdateContainerInstancesState is how the agent starts draining on a spot
	// notice; without it the draining switched on in the user data fails in silence.
	allow(role, "ActAsItself", instances,
		"ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState")
	allow(role, "FindTheEndpoint", jsii.String("*"), "ecs:DiscoverPollEndpoint")
	allowPrePull(stack, role, props.PrePull)
	if props.SessionManager {
		role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AmazonSSMManagedInstanceCore")))
		accepted.On(role, accepted.Finding{
			Rule:   "AwsSolutions-IAM4",
			Reason: "AmazonSSMManagedInstanceCore is what Session Manager documents; it is attached only where sessionManager is on.",
		})
	}
	accepted.OnPolicies(role, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "Finding the ECS endpoint and logging in to ECR have no resource to name; an instance's own id is not known before it runs.",
	})
	return role
}

// allowPrePull lets instances pull from the repositories of the images alone.
func allowPrePull(stack awscdk.Stack, role awsiam.Role, images []string) {
	var repositories []*string
	for _, image := range images {
		if registryOf(image) == "" {
			continue
		}
		repositories = append(repositories, repositoryARN(stack, image))
	}
	if len(repositories) == 0 {
		return
	}
	allow(role, "LogInToECR", jsii.String("*"), "ecr:GetAuthorizationToken")
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       jsii.String("PullImagesEarly"),
		Actions:   jsii.Strings("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
		Resources: &repositories,
	}))
}

// repositoryARN is the repository of an image in ECR; of an asset, all of the
// account's in the region, as its name is known only at deploy time.
func repositoryARN(stack awscdk.Stack, image string) *string {
	arn := &awscdk.ArnComponents{Service: jsii.String("ecr"), Resource: jsii.String("repository"), ResourceName: jsii.String("*")}
	if !*awscdk.Token_IsUnresolved(image) {
		host, name, _ := strings.Cut(image, "/")
		name, _, _ = strings.Cut(name, "@")
		name, _, _ = strings.Cut(name, ":")
		parts := strings.Split(host, ".")
		arn.Account, arn.Region, arn.ResourceName = &parts[0], &parts[3], &name
	}
	return stack.FormatArn(arn)
}

func containerInstances(stack awscdk.Stack, cluster *string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("container-instance"),
		ResourceName: jsii.String(*cluster + "/*"),
	})
}

func allow(role awsiam.Role, sid string, resource *string, actions ...string) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: &sid, Actions: jsii.Strings(actions...), Resources: &[]*string{resource},
	}))
}
