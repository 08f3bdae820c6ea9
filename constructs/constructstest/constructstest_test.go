package constructstest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

func TestATemplateIsReadAsGoValues(t *testing.T) {
	stack := constructstest.Stack(t)
	awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{
		Versioned:     jsii.Bool(true),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})

	template := constructstest.Template(t, stack)

	bucket := template.One(t, "AWS::S3::Bucket")
	require.Equal(t, "Retain", bucket.DeletionPolicy)
	require.Equal(t, "Enabled", constructstest.At(t, bucket.Properties, "VersioningConfiguration", "Status"))
	template.HasResourceProperties(jsii.String("AWS::S3::Bucket"), map[string]any{
		"VersioningConfiguration": map[string]any{"Status": "Enabled"},
	})
}

func TestFindingsNameThePathAndTheRule(t *testing.T) {
	stack := constructstest.Stack(t)
	awss3.NewBucket(stack, jsii.String("Open"), nil)
	constructstest.Nag(stack)
	constructstest.Template(t, stack)

	require.Contains(t, strings.Join(constructstest.Findings(t, stack), "\n"), "/Test/Open/Resource: AwsSolutions-S1")
}

func TestTheSurroundingsThemselvesHaveNoFindings(t *testing.T) {
	stack := constructstest.Stack(t)
	constructstest.Cluster(stack)
	constructstest.Nag(stack)
	constructstest.Template(t, stack)

	constructstest.RequireNoFindings(t, stack)
}
