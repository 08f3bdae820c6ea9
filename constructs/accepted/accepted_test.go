package accepted_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/accepted"
	"tandem/constructs/constructstest"
)

func TestAReasonSilencesTheFindingAndIsInTheTemplate(t *testing.T) {
	stack := constructstest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	accepted.On(bucket, accepted.Finding{Rule: "AwsSolutions-S1", Reason: "nobody reads this bucket"})
	accepted.On(bucket, accepted.Finding{Rule: "CKV_AWS_18", Reason: "nobody reads this bucket"})
	constructstest.Nag(stack)

	resource := constructstest.Template(t, stack).One(t, "AWS::S3::Bucket")
	require.Equal(t, "nobody reads this bucket", constructstest.At(t, resource.Metadata, "cdk_nag", "rules_to_suppress", 0, "reason"))
	require.Equal(t, "CKV_AWS_18", constructstest.At(t, resource.Metadata, "checkov", "skip", 0, "id"))
	constructstest.RequireNoFindings(t, stack)
}

func TestLaterFindingsJoinEarlierOnes(t *testing.T) {
	stack := constructstest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	accepted.On(bucket, accepted.Finding{Rule: "AwsSolutions-S1", Reason: "nobody reads this bucket"})
	accepted.On(bucket, accepted.Finding{Rule: "AwsSolutions-S10", Reason: "nobody reads this bucket"})
	resource := constructstest.Template(t, stack).One(t, "AWS::S3::Bucket")
	require.Len(t, constructstest.At(t, resource.Metadata, "cdk_nag", "rules_to_suppress"), 2)
}

func TestWhatIsSaidOfOneResourceReplacesWhatWasSaidBefore(t *testing.T) {
	stack := constructstest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	accepted.OnResource(bucket, accepted.Finding{Rule: "AwsSolutions-S1", Reason: "nobody reads this bucket"})
	accepted.OnResource(bucket, accepted.Finding{Rule: "AwsSolutions-S10", Reason: "nobody reads this bucket"})
	resource := constructstest.Template(t, stack).One(t, "AWS::S3::Bucket")
	require.Len(t, constructstest.At(t, resource.Metadata, "cdk_nag", "rules_to_suppress"), 1)
	require.Equal(t, "AwsSolutions-S10", constructstest.At(t, resource.Metadata, "cdk_nag", "rules_to_suppress", 0, "id"))
}

func TestAConstructThatNoOneResourceStandsForIsRefused(t *testing.T) {
	scope := constructs.NewConstruct(constructstest.Stack(t), jsii.String("Group"))
	require.PanicsWithValue(t, "Test/Group: no one resource stands for it; say by accepted.OnEach which are meant", func() {
		accepted.OnResource(scope, accepted.Finding{Rule: "AwsSolutions-S1", Reason: "nobody reads this bucket"})
	})
}

func TestReasonsOnARolesPoliciesJoinAndLeaveTheRoleAlone(t *testing.T) {
	stack := constructstest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("s3:GetObject"), Resources: jsii.Strings("*")}))
	accepted.OnPolicies(role, accepted.Finding{Rule: "AwsSolutions-IAM5", Reason: "there is nothing to name"})
	accepted.OnPolicies(role, accepted.Finding{Rule: "AwsSolutions-IAM5", Reason: "there is another thing without a name"})
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)
	require.Len(t, constructstest.At(t, template.One(t, "AWS::IAM::Policy").Metadata, "cdk_nag", "rules_to_suppress"), 2)
	require.NotContains(t, template.One(t, "AWS::IAM::Role").Metadata, "cdk_nag")
	constructstest.RequireNoFindings(t, stack)
}

func TestAFindingWithoutAReasonIsRefused(t *testing.T) {
	bucket := awss3.NewBucket(constructstest.Stack(t), jsii.String("Bucket"), nil)
	require.PanicsWithValue(t, "Test/Bucket/Resource: accepting AwsSolutions-S1 needs a reason", func() {
		accepted.On(bucket, accepted.Finding{Rule: "AwsSolutions-S1", Reason: "because"})
	})
}
