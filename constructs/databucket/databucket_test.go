package databucket_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/databucket"
)

func TestUploadsAreAnnouncedWithoutACustomResource(t *testing.T) {
	stack := constructstest.Stack(t)
	databucket.New(stack, "Data", &databucket.Props{})
	template := constructstest.Template(t, stack)

	bucket := template.One(t, "AWS::S3::Bucket")
	require.Equal(t, true, constructstest.At(t, bucket.Properties, "NotificationConfiguration", "EventBridgeConfiguration", "EventBridgeEnabled"))
	require.Empty(t, template.All("Custom::S3BucketNotifications"))
	require.Empty(t, template.All("AWS::Lambda::Function"))
}

func TestEachPrefixIsKeptAsLongAsItIsNeeded(t *testing.T) {
	stack := constructstest.Stack(t)
	databucket.New(stack, "Data", &databucket.Props{Keep: map[string]int{"results/": 90, "inputs/": 30}})
	constructstest.Nag(stack)
	rules := constructstest.At(t, constructstest.Template(t, stack).One(t, "AWS::S3::Bucket").Properties, "LifecycleConfiguration", "Rules")

	require.EqualValues(t, 7, constructstest.At(t, rules, 0, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"))
	require.Equal(t, "inputs/", constructstest.At(t, rules, 1, "Prefix"))
	require.EqualValues(t, 30, constructstest.At(t, rules, 1, "ExpirationInDays"))
	require.Equal(t, "results/", constructstest.At(t, rules, 2, "Prefix"))
	require.EqualValues(t, 90, constructstest.At(t, rules, 2, "ExpirationInDays"))
	constructstest.RequireNoFindings(t, stack)
}

func TestAGrantIsLimitedToItsPrefix(t *testing.T) {
	stack := constructstest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	bucket := databucket.New(stack, "Data", &databucket.Props{})
	bucket.GrantRead(role, "inputs/")
	bucket.GrantWrite(role, "results/")
	policy := constructstest.Text(t, constructstest.Template(t, stack).One(t, "AWS::IAM::Policy").Properties["PolicyDocument"])

	require.Contains(t, policy, "/inputs/*")
	require.Contains(t, policy, "/results/*")
	require.Contains(t, policy, `"s3:prefix":"inputs/*"`)
	require.NotContains(t, policy, `"*"`)
	require.NotContains(t, policy, "s3:DeleteObject")
}

func TestABucketThatGoesWithItsStackIsEmptiedFirst(t *testing.T) {
	for name, test := range map[string]struct {
		policy  awscdk.RemovalPolicy
		emptied int
	}{
		"kept by default":   {"", 0},
		"deleted when told": {awscdk.RemovalPolicy_DESTROY, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stack := constructstest.Stack(t)
			databucket.New(stack, "Data", &databucket.Props{RemovalPolicy: test.policy})
			constructstest.Nag(stack)
			require.Len(t, constructstest.Template(t, stack).All("Custom::S3AutoDeleteObjects"), test.emptied)
			constructstest.RequireNoFindings(t, stack)
		})
	}
}
